import Foundation
import LimnCommands
import Testing

/// A node in a temporary folder, on which a test runs commands.
final class WorkingNode {
    let folder: String
    var home: String { folder + "/home" }

    init(name: String = "laptop", isFounded: Bool = true) throws {
        folder = NSTemporaryDirectory() + "limn-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if isFounded { try #require(callAsFunction("init", "--name", name, "--author", "An Na").exitCode == 0) }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Runs `limn` on this node.
    @discardableResult
    func callAsFunction(
        _ arguments: String..., input: CannedSource = CannedSource(), environment: [String: String] = ["USER": "worker"], columns: Int? = nil
    ) -> RunResult {
        run(arguments, input: input, environment: environment, columns: columns)
    }

    func run(
        _ arguments: [String], input: CannedSource = CannedSource(), environment: [String: String] = ["USER": "worker"], columns: Int? = nil
    ) -> RunResult {
        let output = CapturedSink(columns: columns)
        let error = CapturedSink(columns: columns)
        let exitCode = LimnProgram.run(
            arguments + ["--home", home], environment: environment,
            streams: StandardStreams(input: input, output: output, error: error))
        return RunResult(exitCode: exitCode, output: output.text, error: error.text)
    }

    /// Runs a command that must succeed and gives what it carries in `data`.
    @discardableResult
    func data(_ arguments: String..., input: CannedSource = CannedSource(), exitCode: Int32 = 0) throws -> [String: Any] {
        let result = run(arguments + ["--json"], input: input)
        try #require(result.exitCode == exitCode, "\(arguments): \(result.error)")
        return try #require(try result.document()["data"] as? [String: Any])
    }

    /// The code of the error with which a command must fail.
    func failure(_ arguments: String..., exitCode: Int32) throws -> String {
        let result = run(arguments + ["--json"])
        #expect(result.exitCode == exitCode, "\(arguments): \(result.output)\(result.error)")
        #expect(result.output == "")
        let error = try #require(try result.document()["error"] as? [String: Any])
        #expect(Set(error.keys) == ["code", "message", "hint"])
        return try #require(error["code"] as? String)
    }

    /// Writes a file and gives its path.
    func file(_ name: String, _ text: String) throws -> String { try file(name, Data(text.utf8)) }

    func file(_ name: String, _ data: Data) throws -> String {
        let path = folder + "/" + name
        try data.write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Adds a person and gives its id.
    func person(_ assignments: String...) throws -> String {
        let result = run(["add", "person"] + assignments + ["--json"])
        try #require(result.exitCode == 0, "\(result.error)")
        return try #require((result.document()["data"] as? [String: Any])?["id"] as? String)
    }

    /// The value that a customer's field shows.
    func value(_ record: String, _ field: String) throws -> Any? {
        let fields = try #require(try data("show", record)["fields"] as? [String: [String: Any]])
        return fields[field]?["value"]
    }
}
