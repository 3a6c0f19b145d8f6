/// A first-in, first-out list in an array that is used again and again.
struct FIFO<Element> {
  private var elements: [Element] = []
  /// Where the first element is; what lies before it was taken.
  private var head = 0

  var isEmpty: Bool { head == elements.count }
  var count: Int { elements.count - head }
  var first: Element? { isEmpty ? nil : elements[head] }

  mutating func append(_ element: Element) { elements.append(element) }

  /// Takes the first element.
  ///
  /// - Complexity: O(1), amortised.
  mutating func popFirst() -> Element? {
    guard let first else { return nil }
    head += 1
    if head >= 16, head * 2 >= elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return first
  }

  /// The first element that satisfies a condition.
  ///
  /// - Complexity: O(count).
  func first(where condition: (Element) -> Bool) -> Element? { elements[head...].first(where: condition) }

  /// Takes the first element that satisfies a condition.
  ///
  /// - Complexity: O(count).
  mutating func removeFirst(where condition: (Element) -> Bool) -> Element? {
    elements[head...].firstIndex(where: condition).map { elements.remove(at: $0) }
  }

  /// - Complexity: O(count).
  func contains(_ condition: (Element) -> Bool) -> Bool { elements[head...].contains(where: condition) }
}
