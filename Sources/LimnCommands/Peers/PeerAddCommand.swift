internal import ArgumentParser
internal import Messages
internal import NodeOperations
internal import NodeSecurity

extension PeerCommand {
    /// `limn peer add`: records a node to call, without connecting.
    struct Add: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "add", abstract: Catalogue.text("help.peer.add"), discussion: Catalogue.text("help.peer.add.discussion"))
        }

        @Argument(help: .text("help.peer.name"))
        var name: String

        @Argument(help: .text("help.peer.url"))
        var url: String

        @Option(help: .text("help.peer.token-file", value: "file"), completion: .file())
        var tokenFile: String

        @Flag(help: .text("help.insecure"))
        var insecure = false

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let node = try invocation.openNode()
            var talk = [Catalogue.text("say.peer-added", ["name": name]), Catalogue.text("say.peer-added-undo", ["name": name])]
            let token: AccessToken
            if tokenFile == "-" {
                // A token is far shorter; what is longer is none, and says so when it is read.
                let bytes = try invocation.streams.input.readAll(limitBytes: 4096) ?? []
                token = try AccessToken(text: String(decoding: bytes, as: UTF8.self))
            } else {
                let file = try TokenFile(path: tokenFile)
                if file.isOpenToOthers { talk.append(Catalogue.text("security.token-file-open", ["path": tokenFile])) }
                token = file.token
            }
            _ = try node.addPeer(name: name, url: url, token: token, allowsPlainText: insecure)
            let record = try node.peerRecord(name)
            return CommandOutcome("peer", data: record.data, talk: talk)
        }
    }
}
