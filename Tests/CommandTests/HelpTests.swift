import ArgumentParser
import Foundation
import LimnCommands
import Testing

/// The program with the commands that need no store, under a name of its own.
struct Tools: LimnRoot {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "limn", subcommands: groups.flatMap(\.commands))
    }

    static var groups: [CommandSection] { LimnProgram.groups }
}

@Suite("Help, manual pages and completions")
struct HelpTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Snapshots")

    /// Compares a text with the stored one; stores it instead where `LIMN_UPDATE_SNAPSHOTS` is set.
    static func check(_ text: String, against name: String) throws {
        let file = folder.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["LIMN_UPDATE_SNAPSHOTS"] != nil {
            try Data(text.utf8).write(to: file)
        }
        let stored = try String(contentsOf: file, encoding: .utf8)
        if text == stored { return }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let old = stored.split(separator: "\n", omittingEmptySubsequences: false)
        let place = zip(lines, old).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(lines.count, old.count)
        Issue.record(
            "\(name) differs from line \(place + 1): \(place < lines.count ? lines[place] : "(end)"). Run with LIMN_UPDATE_SNAPSHOTS=1 if this is meant.")
    }

    /// The paths of all commands, such as `["peer", "add"]`.
    static func paths(_ command: any ParsableCommand.Type = Tools.self, _ names: [String] = []) -> [[String]] {
        [names] + command.configuration.subcommands.flatMap { paths($0, names + [$0._commandName]) }
    }

    static func help(_ path: [String], _ language: String) -> String {
        let output = CapturedSink()
        let code = LimnProgram.run(
            ["help", "--lang", language] + path, environment: [:],
            streams: StandardStreams(input: CannedSource(), output: output, error: CapturedSink()))
        #expect(code == 0)
        return output.text
    }

    @Test(arguments: ["en", "zh"]) func helpIsAsStored(language: String) throws {
        let pages = Self.paths().map { Self.help($0, language) }
        try Self.check(pages.joined(separator: "\n" + String(repeating: "-", count: 80) + "\n"), against: "help.\(language).txt")
    }

    @Test(arguments: ["en", "zh"]) func everyArgumentIsExplained(language: String) {
        for path in Self.paths() {
            let page = Self.help(path, language)
            #expect(page.firstMatch(of: #/(help|label)\.[a-z]/#) == nil, "\(path) shows a code that has no text")
            for line in page.split(separator: "\n") { #expect(DisplayWidth.columns(line) <= 82, "\(line)") }
        }
    }

    @Test func helpIsDataToo() throws {
        let document = try limn("help", "manual", "--json").document()
        let data = try #require(document["data"] as? [String: Any])
        #expect(data["command"] as? String == "limn manual")
        let arguments = try #require(data["arguments"] as? [[String: Any]])
        #expect(arguments.contains { $0["names"] as? [String] == ["--output"] })
        #expect((data["global"] as? [[String: Any]])?.count == 7)
    }

    @Test func helpIsFoundByFlagAndByCommand() {
        #expect(limn("help", "manual").output == limn("manual", "--help").output)
        #expect(limn("manual", "-h").output == limn("help", "manual").output)
        #expect(limn().output == limn("--help").output)
    }

    @Test(arguments: ["en", "zh"]) func manualPagesAreAsStored(language: String) throws {
        try Self.check(limn("manual", "--lang", language).output, against: "limn.\(language).1")
        try Self.check(limn("manual", "manual", "--lang", language).output, against: "limn-manual.\(language).1")
    }

    @Test func manualPagesAreWritten() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let result = limn("manual", "--output", folder.path)
        #expect(result.exitCode == 0)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(files) == Set(["limn.1"] + Tools.configuration.subcommands.map { "limn-\($0._commandName).1" }))
        #expect(limn("manual", "--output", "/dev/null/x").exitCode == 73)
        #expect(limn("manual", "manaul").error.contains("Did you mean manual?"))
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func completionsKnowCommandsAndGlobalFlags(shell: String) {
        let script = limn("completions", shell).output
        for word in ["completions", "manual", "no-input", "home"] { #expect(script.contains(word), "\(word)") }
    }

    @Test func bashAcceptsItsScript() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-n"]
        let input = Pipe()
        process.standardInput = input
        try process.run()
        input.fileHandleForWriting.write(Data(limn("completions", "bash").output.utf8))
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    /// The flags are taken out of the arguments before a command sees them, so no command can have one of its own.
    @Test func noCommandDeclaresAGlobalFlag() throws {
        let global = ["--home", "--json", "--lang", "--author", "--color", "--quiet", "--no-input"]
        for path in Self.paths() {
            let output = CapturedSink()
            _ = LimnProgram.run(
                ["help", "--json"] + path, environment: [:],
                streams: StandardStreams(input: CannedSource(), output: output, error: CapturedSink()))
            let document = try JSONSerialization.jsonObject(with: Data(output.text.utf8)) as? [String: Any]
            let data = document?["data"] as? [String: Any]
            for argument in data?["arguments"] as? [[String: Any]] ?? [] {
                for name in argument["names"] as? [String] ?? [] { #expect(!global.contains(name), "\(path) has \(name)") }
            }
            #expect((data?["global"] as? [[String: Any]])?.flatMap { $0["names"] as? [String] ?? [] } == global)
        }
    }
}
