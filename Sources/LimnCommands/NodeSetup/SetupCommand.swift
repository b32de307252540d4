internal import ArgumentParser
internal import Foundation
internal import Messages
internal import NodeOperations
internal import NodeSecurity
internal import ProfileStore
internal import Replication

/// `limn setup`: asks what a new machine needs to know, joins headquarters and syncs for the first time.
struct SetupCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "setup", abstract: Catalogue.text("help.setup"), discussion: Catalogue.text("help.setup.discussion"))
    }

    @Option(help: .text("help.init.name", value: "name")) var name: String?
    @Option(help: .text("help.init.join", value: "url")) var join: String?
    @Option(help: .text("help.init.token-file", value: "file"), completion: .file()) var tokenFile: String?
    @Flag(help: .text("help.insecure")) var insecure = false

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let home = try invocation.home()
        let prompt = invocation.prompt
        guard prompt.isAllowed, prompt.input.isTerminal else {
            throw InputFailure.nobodyToAsk(instead: "limn init --name NAME --join URL --token-file FILE")
        }
        try prompt.output.write(Catalogue.text("say.setup-welcome") + "\n")
        let name = try name ?? prompt.ask(
            Catalogue.text("label.ask-node-name"), default: ProcessInfo.processInfo.hostName, instead: "--name")
        let url = try join ?? prompt.ask(Catalogue.text("label.ask-address"), instead: "--join")
        let token = try tokenFile.map { try AccessToken.read($0, in: invocation) }
            ?? AccessToken(text: prompt.askSecret(Catalogue.text("label.ask-token"), instead: "--token-file"))
        let author = try invocation.author
            ?? prompt.ask(Catalogue.text("label.ask-author"), default: invocation.systemUser, instead: "--author")
        let options = SyncOptions.cautious(insecure: insecure)
        let (node, founded) = try Node.join(home: home, name: name, author: author, url: url, token: token, options: options, environment: invocation.nodeEnvironment)
        var outcome = founded.outcome("setup", peer: url)
        outcome.talk = [Catalogue.text("say.init-done", ["name": founded.name, "home": home])]
        for peer in try node.peers(named: []) {
            let sync = node.sync(with: peer, options: options)
            if let error = sync.error { throw error }
            outcome.talk.append(Catalogue.text("say.setup-synced", ["peer": peer.name, "count": String(sync.report.pulled.rows)]))
        }
        return outcome
    }
}
