internal import ArgumentParser
internal import Messages

/// `limn peer`: the nodes that this one calls, and those that may call it.
struct PeerCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "peer", abstract: Catalogue.text("help.peer"), discussion: Catalogue.text("help.peer.discussion"),
            subcommands: [Token.self, Add.self, List.self, Show.self, Remove.self])
    }
}
