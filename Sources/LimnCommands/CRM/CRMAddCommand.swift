internal import ArgumentParser
internal import Connectors
internal import Foundation
internal import Messages
internal import NodeOperations
internal import NodeSecurity

extension CRMCommand {
    /// `limn crm add`: records a system and what opens it; of systems only an address book is asked, for its address.
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

        @Option(help: .text("help.crm.webhook-secret-file", value: "file"), completion: .file())
        var webhookSecretFile: String?

        @Option(help: .text("help.crm.map-file", value: "file"), completion: .file())
        var map: String?

        @Option(help: .text("help.sync.ca-file", value: "file"), completion: .file())
        var caFile: String?

        @Flag(help: .text("help.insecure"))
        var insecure = false

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let node = try invocation.openNode(), name = name ?? system
            var options = ConnectorOptions()
            options.certificateAuthorityFile = caFile
            let (secret, warnings) = try CRMCommand.secret(tokenFile, invocation)
            let hook = try webhookSecretFile.map(CRMCommand.hookSecret)
            let connector = try node.addConnector(
                name: name, system: system, url: url, secret: secret, hookSecret: hook?.secret, mapping: map.map(CRMCommand.mapping),
                allowsPlainText: insecure, options: options)
            let found = connector.url == url ? [] : [Catalogue.text("say.crm-found", ["url": connector.url])]
            let talk = found + [Catalogue.text("say.crm-added", ["name": name]), Catalogue.text("say.crm-added-undo", ["name": name])]
            return CommandOutcome("crm", data: connector.data, talk: talk + warnings + (hook?.warnings ?? []))
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

    /// Reads what a system signs its messages with, from a file, and what there is to warn of.
    ///
    /// - Throws: `crm.bad-token-file` where it is not one line; `security.token-file-*`.
    static func hookSecret(_ path: String) throws -> (secret: String, warnings: [String]) {
        let file = try SecretFile(path: path), text = file.text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty, !text.contains(where: \.isNewline) else { throw ConnectorError("crm.bad-token-file") }
        return (text, file.isOpenToOthers ? [Catalogue.text("security.token-file-open", ["path": path])] : [])
    }

    /// - Throws: `crm.mapping-file`.
    static func mapping(_ path: String) throws -> String {
        do { return try String(contentsOfFile: path, encoding: .utf8) } catch { throw ConnectorError("crm.mapping-file", ["path": path]) }
    }
}

extension Connector {
    var data: JSONValue { .object(members) }

    var members: [JSONValue.Member] {
        [
            .init("name", .string(name)), .init("system", .string(system)), .init("url", .string(url)), .init("owner", .string(ownerName)),
            .init("mapping", .string(mapping == nil ? "standard" : "own")),
        ]
    }
}
