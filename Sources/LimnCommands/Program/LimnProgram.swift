internal import Foundation
internal import Messages
internal import ProfileModel

/// The program `limn`.
public enum LimnProgram {
    /// The program's version (Semantic Versioning 2.0.0).
    public static let version = "0.1.0"

    /// All commands of the program as its overview groups them.
    package static var groups: [CommandSection] { Limn.groups }

    /// Runs the program on the arguments after its name and gives its exit code.
    ///
    /// Installs handlers of signals and writes to the standard streams of the process.
    public static func run(_ arguments: [String]) -> Int32 {
        Interruption.handleSignals()
        return run(
            arguments, environment: ProcessInfo.processInfo.environment, streams: .process, interruption: .process)
    }

    /// Runs the program on streams and an environment of the caller's choice, as often as wanted in one process.
    package static func run(
        _ arguments: [String], environment: [String: String], streams: StandardStreams,
        interruption: Interruption = Interruption()
    ) -> Int32 {
        run(Limn.self, arguments, environment: environment, streams: streams, interruption: interruption)
    }

    /// Runs a root command, as `run(_:environment:streams:interruption:)` does for `limn`.
    package static func run(
        _ root: any LimnRoot.Type, _ arguments: [String], environment: [String: String], streams: StandardStreams,
        interruption: Interruption = Interruption()
    ) -> Int32 {
        let (flags, rest, error) = GlobalFlags.scan(arguments)
        let language = Language.chosen(flag: flags.language, environment: environment)
        let invocation = Invocation(
            flags: flags, language: language, environment: environment, streams: streams, interruption: interruption,
            root: root)
        return Language.$current.withValue(language) {
            let run = ProgramRun(invocation: invocation, arguments: rest)
            let exitCode = run.finish { if let error { throw error } else { try run.outcome() } }
            return exitCode == 130 && interruption.signal == SIGTERM ? 128 + SIGTERM : exitCode
        }
    }
}
