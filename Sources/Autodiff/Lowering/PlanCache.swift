/// Things by key, of which those used last are kept: as many as have the bytes of a bound together, and one in any case.
///
/// A dictionary of places in a doubly linked list, the one used last at its head. Every operation takes constant time, but for
/// the elements that it takes out.
package struct PlanCache<Key: Hashable, Element> {
  fileprivate struct Place {
    var key: Key
    var element: Element
    var byteCount: Int
    /// The place used just after this one, and just before.
    var newer: Int
    var older: Int
  }

  /// The bytes that the elements may have together.
  package let byteLimit: Int

  /// The bytes of all elements.
  package private(set) var byteCount = 0

  private var places: [Place?] = []
  private var vacant: [Int] = []
  private var position: [Key: Int] = [:]
  private var newest = -1
  private var oldest = -1

  /// An empty cache; a limit below 0 counts as 0.
  package init(byteLimit: Int) { self.byteLimit = max(byteLimit, 0) }

  /// The number of elements.
  package var count: Int { position.count }

  /// The keys, the one used last first.
  package var keys: [Key] {
    var keys: [Key] = []
    var index = newest
    while index >= 0, let place = places[index] {
      keys.append(place.key)
      index = place.older
    }
    return keys
  }

  /// The element of a key, which is now the one used last; nil where there is none.
  package mutating func use(_ key: Key) -> Element? {
    guard let index = position[key], let element = places[index]?.element else { return nil }
    unlink(index)
    link(index)
    return element
  }

  /// Keeps an element as the one used last, in the place of another of its key, and takes out those used longest ago until
  /// the rest fits.
  /// - Returns: What was taken out for lack of room.
  @discardableResult
  package mutating func keep(_ element: Element, for key: Key, byteCount bytes: Int) -> [Element] {
    remove(key)
    let place = Place(key: key, element: element, byteCount: bytes, newer: -1, older: -1)
    let index = vacant.popLast() ?? places.count
    if index == places.count { places.append(place) } else { places[index] = place }
    position[key] = index
    byteCount += bytes
    link(index)
    var removed: [Element] = []
    while byteCount > byteLimit, oldest != newest, let last = places[oldest] {
      remove(last.key)
      removed.append(last.element)
    }
    return removed
  }

  /// Takes out the element of a key.
  @discardableResult
  package mutating func remove(_ key: Key) -> Element? {
    guard let index = position.removeValue(forKey: key), let place = places[index] else { return nil }
    unlink(index)
    places[index] = nil
    vacant.append(index)
    byteCount -= place.byteCount
    return place.element
  }

  private mutating func link(_ index: Int) {
    places[index]?.older = newest
    places[index]?.newer = -1
    if newest >= 0 { places[newest]?.newer = index } else { oldest = index }
    newest = index
  }

  private mutating func unlink(_ index: Int) {
    guard let place = places[index] else { return }
    if place.newer >= 0 { places[place.newer]?.older = place.older } else { newest = place.older }
    if place.older >= 0 { places[place.older]?.newer = place.newer } else { oldest = place.newer }
  }
}

extension PlanCache.Place: Sendable where Key: Sendable, Element: Sendable {}

extension PlanCache: Sendable where Key: Sendable, Element: Sendable {}
