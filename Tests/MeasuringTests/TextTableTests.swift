import Testing
import TributaryMeasuring

@Suite struct TextTableTests {
  @Test func columnsAreAsWideAsTheirWidestCell() {
    let table = TextTable(["name", "n"], [["a", "100"], ["longer", "2"]])
    #expect("\(table)" == "name      n\na       100\nlonger    2")
  }

  @Test func leftAlignedColumnsLeaveNoBlanksAtTheEnd() {
    let table = TextTable(["n", "name"], [["1", "long"], ["10", "x"]], leftAligned: [1])
    #expect("\(table)" == " n  name\n 1  long\n10  x")
  }
}
