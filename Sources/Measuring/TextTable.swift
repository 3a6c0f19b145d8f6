/// A table for a terminal, its columns as wide as their widest cell.
package struct TextTable: CustomStringConvertible {
  private let rows: [[String]]
  private let leftAligned: Set<Int>

  /// A table.
  ///
  /// - Parameters:
  ///   - titles: The names of the columns.
  ///   - rows: The cells, as many in each row as there are titles.
  ///   - leftAligned: The columns that are set flush left, by position.
  package init(_ titles: [String], _ rows: [[String]], leftAligned: Set<Int> = [0]) {
    self.rows = [titles] + rows
    self.leftAligned = leftAligned
  }

  /// The titles and the rows, a line each.
  package var description: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let blanks = String(repeating: " ", count: widths[column] - cell.count)
        return leftAligned.contains(column) ? cell + blanks : blanks + cell
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
