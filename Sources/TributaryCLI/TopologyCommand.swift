internal import ArgumentParser
internal import TributaryScheduler

/// Prints the machine, how many workers run on it and why, where each runs, and from whom each steals.
struct TopologyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "topology",
    abstract: "Print this machine as a tree, and the workers chosen for it.")

  @Option(
    help: ArgumentHelp(
      "Another machine, in hwloc's synthetic language, instead of this one.",
      valueName: "pack:2 numa:2 l3:4 core:8 pu:2"))
  var synthetic: String?

  @Option(
    help: ArgumentHelp("How many workers, 1 to 1024; TRIBUTARY_THREADS where not given.", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp("Pinning: “automatic”, “none”, or the CPUs to use, e.g. 0-3,8.", valueName: "policy"),
    transform: TopologyCommand.policy)
  var pin = PinningPolicy.automatic

  func validate() throws { _ = try placement() }

  func run() throws { print(try placement()) }

  /// The placement that the options ask for; what they get wrong is an error of the command line.
  func placement() throws -> Placement {
    do {
      let request = try ThreadCount.request(threads, by: "--threads")
      if let synthetic {
        return try Placement(topology: Topology(synthetic: synthetic), request: request, policy: pin)
      }
      return try Placement(topology: .machine, quota: .current(), request: request, policy: pin)
    } catch {
      throw ValidationError(error.message)
    }
  }

  private static func policy(_ text: String) throws -> PinningPolicy {
    switch text {
    case "automatic": return .automatic
    case "none": return .none
    default:
      do {
        return .set(try CPUSet(parsing: text))
      } catch {
        throw ValidationError(error.message)
      }
    }
  }
}
