import Testing
import TributaryOps
import TributaryTestSupport

@testable import TributaryTraining

/// Valid files changed at random: whatever comes of it is read, or refused with an error that names a byte of the file.
@Suite struct FileMutationTests {
  /// Bytes with one to four changes: a byte or a field of four overwritten, bytes taken out, put in or moved, the end
  /// cut off.
  private func mutated(_ bytes: [UInt8], _ random: inout TributaryTestSupport.SplitMix64) -> [UInt8] {
    var result = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) where !result.isEmpty {
      let place = Int.random(in: 0..<result.count, using: &random)
      let length = Swift.min(Int.random(in: 1...16, using: &random), result.count - place)
      switch Int.random(in: 0..<7, using: &random) {
      case 0: result[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: result[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
      case 2: for index in place..<Swift.min(place + 4, result.count) { result[index] = 0xFF }
      case 3: result.removeSubrange(place..<place + length)
      case 4: result.insert(contentsOf: result[place..<place + length], at: place)
      case 5: result.removeLast(length)
      default:
        let other = Int.random(in: 0...result.count - length, using: &random)
        result.replaceSubrange(other..<other + length, with: Array(result[place..<place + length]))
      }
    }
    return result
  }

  private static func tensors() throws -> [(String, Tensor)] {
    [
      ("weights", try Tensor((0..<40).map { Float($0) }, shape: [5, 8])),
      ("mask", try Tensor([true, false, true], shape: [3])), ("count", Tensor(Int64(7))),
      ("ids", try Tensor([1, 2, 3, 4] as [Int32], shape: [2, 2])),
      ("none", try Tensor([] as [Double], shape: [0, 3])),
    ]
  }

  @Test func safeTensors() throws {
    var file = SafeTensors()
    for (name, tensor) in try FileMutationTests.tensors() { try file.add(name, tensor) }
    file.metadata = ["format": "pt"]
    let bytes = file.encoded()
    let folder = try TemporaryFolder()
    var random = TributaryTestSupport.SplitMix64(seed: 1)
    var refused = 0
    for round in 0..<600 {
      let changed = mutated(bytes, &random)
      do throws(SafeTensorsError) {
        _ = try SafeTensors(bytes: changed, foreignTypes: .widened)
      } catch {
        refused += 1
        #expect((0...changed.count).contains(error.offset ?? -1), "\(error)")
      }
      // The same from a mapping, now and then.
      guard round % 4 == 0 else { continue }
      try folder.write(changed, to: "changed")
      do throws(SafeTensorsError) {
        let mapped = try SafeTensors(mapping: folder.path("changed"), foreignTypes: .widened)
        for entry in mapped.entries {
          entry.tensor.withUnsafeBytes { _ = $0.reduce(0 as UInt64) { $0 &+ UInt64($1) } }
        }
      } catch {
        #expect((0...changed.count).contains(error.offset ?? -1), "\(error)")
      }
    }
    #expect(refused > 200)
  }

  @Test func arrays() throws {
    var random = TributaryTestSupport.SplitMix64(seed: 2)
    var refused = 0
    for (_, tensor) in try FileMutationTests.tensors() {
      let bytes = NPY.encoded(tensor)
      for _ in 0..<200 {
        let changed = mutated(bytes, &random)
        do throws(ArrayFileError) {
          _ = try NPY.tensor(bytes: changed, foreignTypes: .widened)
        } catch {
          refused += 1
          #expect((0...changed.count).contains(error.offset ?? -1), "\(error)")
        }
      }
    }
    #expect(refused > 300)
  }

  @Test(arguments: NPZ.Compression.allCases) func archives(_ compression: NPZ.Compression) throws {
    var file = NPZ()
    for (name, tensor) in try FileMutationTests.tensors() { try file.add(name, tensor) }
    let bytes = file.encoded(compression)
    var random = TributaryTestSupport.SplitMix64(seed: 3)
    var refused = 0
    for _ in 0..<800 {
      let changed = mutated(bytes, &random)
      do throws(ArrayFileError) {
        let found = try NPZ(bytes: changed, foreignTypes: .widened, inflatedLimit: 1 << 24)
        // What is read has the contents that it had: the check sums see to it.
        for entry in found.entries {
          let same = file[entry.name].map { $0.withUnsafeBytes { Array($0) } }
          #expect(same == nil || same == entry.tensor.withUnsafeBytes { Array($0) })
        }
      } catch {
        refused += 1
        #expect((0...changed.count).contains(error.offset ?? -1), "\(error)")
      }
    }
    #expect(refused > 400)
  }
}
