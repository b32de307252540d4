import Foundation

/// The real program, as a process of its own.
final class LimnProcess {
    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    /// The program that the build made beside these tests.
    static let path: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("limn").path
        return FileManager.default.isExecutableFile(atPath: beside) ? beside : root.appendingPathComponent(".build/debug/limn").path
    }()

    /// Starts the program on the node in a folder.
    ///
    /// - Parameter state: what stands in for the user's folder of states; beside the node's where none is named.
    init(home: String, _ arguments: [String], state: String? = nil) throws {
        process.executableURL = URL(fileURLWithPath: LimnProcess.path)
        process.arguments = ["--home", home, "--no-input"] + arguments
        var environment = ProcessInfo.processInfo.environment
        environment["LIMN_LANG"] = "en"
        environment["LIMN_AUTHOR"] = "tester"
        environment["XDG_STATE_HOME"] = state ?? home + "-state"
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    /// What a run that has ended left.
    struct Result {
        /// The exit code; of a process that a signal ended, the signal's number negated.
        let code: Int32
        let output: String
        let errors: String

        /// Whether the process was ended by SIGKILL, not by itself before the signal came.
        var isKilled: Bool { code == -SIGKILL }
    }

    /// Waits for the end.
    func wait() -> Result {
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let talk = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let code = process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
        return Result(code: code, output: text, errors: talk)
    }

    /// Waits for the first line of standard output.
    func firstLine() -> String {
        var line: [UInt8] = []
        while let byte = try? output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Runs the program to its end.
    static func run(home: String, _ arguments: String...) throws -> Result { try LimnProcess(home: home, arguments).wait() }

    /// Runs the program with `--json`, and returns `data`.
    static func data(home: String, _ arguments: String...) throws -> [String: Any] {
        let result = try LimnProcess(home: home, ["--json"] + arguments).wait()
        let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        return document?["data"] as? [String: Any] ?? [:]
    }
}
