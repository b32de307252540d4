internal import ArgumentParser
internal import Foundation
internal import Messages
internal import ProfileModel

/// `limn manual`: the manual pages, made from the commands' own help.
struct ManualCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "manual", abstract: Catalogue.text("help.manual"),
            discussion: Catalogue.text("help.manual.discussion"))
    }

    @Argument(help: .text("help.manual.command"))
    var command: String?

    @Option(help: .text("help.manual.output", value: "dir"), completion: .directory)
    var output: String?

    func run(in invocation: Invocation) throws -> CommandOutcome {
        var pages = ManualPage.all(of: invocation.root)
        if let command {
            let names = pages.map { String($0.fileName.dropFirst("limn-".count).dropLast(".1".count)) }
            pages = pages.filter { $0.fileName == "limn-\(command).1" }
            if pages.isEmpty { throw UsageError.unknownCommand(name: command, nearest: nearestName(to: command, among: names)) }
        }
        guard let output else {
            let page = pages[0]
            return CommandOutcome("manual", data: ["files": .array([]), "text": .string(page.text)]) {
                $0.verbatim(page.text)
            }
        }
        let paths = try pages.map { page in
            let path = output + "/" + page.fileName
            do {
                try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
                try Data(page.text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            } catch {
                throw ManualFailure(path: path)
            }
            return path
        }
        return CommandOutcome("manual", data: ["files": JSONValue(paths), "text": .null]) { page in
            paths.forEach { page.line($0) }
        }
    }
}

/// A manual page that cannot be written.
struct ManualFailure: CodedError {
    let path: String

    var code: String { "general.file-not-made" }
    var parameters: [String: String] { ["path": path] }
}
