internal import ArgumentParser
internal import Messages
internal import NodeOperations
internal import NodeSecurity
internal import ProfileStore

extension PeerCommand {
    /// `limn peer token`: lets a node call this one.
    struct Token: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "token", abstract: Catalogue.text("help.peer.token"), discussion: Catalogue.text("help.peer.token.discussion"))
        }

        @Argument(help: .text("help.peer.name"))
        var name: String

        @Option(parsing: .singleValue, help: .text("help.peer.token.scope", value: "scope"))
        var scope: [String] = []

        @Option(help: .text("help.peer.token.role", value: "role"), completion: .list(PeerRole.allCases.map(\.rawValue)))
        var role = PeerRole.member.rawValue

        @Flag(help: .text("help.peer.token.once"))
        var once = false

        func run(in invocation: Invocation) throws -> CommandOutcome {
            guard let role = PeerRole(rawValue: role) else {
                throw UsageError.invalidValue(value: role, option: "--role", choices: PeerRole.allCases.map(\.rawValue).joined(separator: ", "))
            }
            let node = try invocation.openNode()
            let token = try node.admit(name: name, scopes: scope, role: role, isOnce: once)
            let admitted = try node.peerRecord(name).admission
            let data: JSONValue = [
                "token": .string(token.text), "name": .string(name), "scopes": JSONValue(admitted?.scopes ?? scope), "role": .string(role.rawValue),
                "once": .bool(once),
            ]
            return CommandOutcome("peer-token", data: data) { $0.line(token.text) }
        }
    }
}
