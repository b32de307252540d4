internal import ArgumentParser
internal import Messages
internal import NodeOperations

extension PeerCommand {
    /// `limn peer remove`: no longer calls a node, and no longer lets it call.
    struct Remove: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "remove", abstract: Catalogue.text("help.peer.remove"), discussion: Catalogue.text("help.peer.remove.discussion"))
        }

        @Argument(help: .text("help.peer.name"))
        var name: String

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let node = try invocation.openNode()
            let record = try node.peerRecord(name)
            try node.removePeer(name)
            var talk: [String] = []
            if record.peer != nil { talk.append(Catalogue.text("say.peer-removed", ["name": name])) }
            if record.admission != nil { talk.append(Catalogue.text("say.admission-removed", ["name": name])) }
            return CommandOutcome("peer", data: record.data, talk: talk)
        }
    }
}
