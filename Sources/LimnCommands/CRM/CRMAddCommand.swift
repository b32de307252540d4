internal import ArgumentParser
internal import Connectors
internal import Foundation
internal import Messages
internal import NodeOperations
internal import NodeSecurity

extension CRMCommand {
    /// `limn crm add`: records a system and what opens it, without connecting.
    struct Add: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "add", abstract: Catalogue.text("help.crm.add"), discussion: Catalogue.text("help.crm.add.discussion"))
        }

        @Argument(help: .text("help.crm.system"), completion: .list(CRMSystems.names))
        var system: String

        @Option(help: .text("help.crm.name", value: "name"))
        var name: String?

        @Option(help: .text("help.crm.url", value: "url"))
        var url: String

        @Option(help: .text("help.crm.token-file", value: "file"), completion: .file())
        var tokenFile: String

        @Option(help: .text("help.crm.map-file", value: "file"), completion: .file())
        var map: String?

        @Flag(help: .text("help.insecure"))
        var insecure = false

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let node = try invocation.openNode(), name = name ?? system
            let (secret, warnings) = try CRMCommand.secret(tokenFile, invocation)
            let connector = try node.addConnector(
                name: name, system: system, url: url, secret: secret, mapping: map.map(CRMCommand.mapping), allowsPlainText: insecure)
            let talk = [Catalogue.text("say.crm-added", ["name": name]), Catalogue.text("say.crm-added-undo", ["name": name])]
            return CommandOutcome("crm", data: connector.data, talk: talk + warnings)
        }
    }

    /// `limn crm takeover`: this node reads and writes a system from here on.
    struct TakeOver: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "takeover", abstract: Catalogue.text("help.crm.takeover"), discussion: Catalogue.text("help.crm.takeover.discussion"))
        }

        @Argument(help: .text("help.crm.one"))
        var name: String

        @Option(help: .text("help.crm.token-file", value: "file"), completion: .file())
        var tokenFile: String?

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let node = try invocation.openNode()
            let given = try tokenFile.map { try CRMCommand.secret($0, invocation) }
            let connector = try node.takeOverConnector(name, secret: given?.secret)
            return CommandOutcome("crm", data: connector.data, talk: [Catalogue.text("say.crm-taken-over", ["name": name])] + (given?.warnings ?? []))
        }
    }

    /// `limn crm remove`: ends being in step with a system.
    struct Remove: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "remove", abstract: Catalogue.text("help.crm.remove"), discussion: Catalogue.text("help.crm.remove.discussion"))
        }

        @Argument(help: .text("help.crm.one"))
        var name: String

        func run(in invocation: Invocation) throws -> CommandOutcome {
            try invocation.openNode().removeConnector(name)
            return CommandOutcome("crm-remove", data: ["name": .string(name)], talk: [Catalogue.text("say.crm-removed", ["name": name])])
        }
    }

    /// Reads what opens a system, from a file or standard input, and what there is to warn of.
    static func secret(_ path: String, _ invocation: Invocation) throws -> (secret: ConnectorSecret, warnings: [String]) {
        if path == "-" {
            let bytes = try invocation.streams.input.readAll(limitBytes: 64 << 10) ?? []
            return (try ConnectorSecret(text: String(decoding: bytes, as: UTF8.self)), [])
        }
        let file = try SecretFile(path: path)
        return (
            try ConnectorSecret(text: file.text), file.isOpenToOthers ? [Catalogue.text("security.token-file-open", ["path": path])] : []
        )
    }

    /// - Throws: `crm.mapping-file`.
    static func mapping(_ path: String) throws -> String {
        do { return try String(contentsOfFile: path, encoding: .utf8) } catch { throw ConnectorError("crm.mapping-file", ["path": path]) }
    }
}

extension Connector {
    var data: JSONValue {
        [
            "name": .string(name), "system": .string(system), "url": .string(url), "owner": .string(ownerName),
            "mapping": .string(mapping == nil ? "standard" : "own"),
        ]
    }
}
