internal import ArgumentParser
internal import CurlHTTP
internal import Messages
internal import NodeOperations
internal import ProfileModel
internal import ProfileStore
internal import Replication

/// `limn sync`: pulls from peers what is new there, and pushes to them what is new here.
struct SyncCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "sync", abstract: Catalogue.text("help.sync"), discussion: Catalogue.text("help.sync.discussion"))
    }

    @Argument(help: .text("help.sync.peers"))
    var peers: [String] = []

    @Flag(help: .text("help.sync.watch"))
    var watch = false

    @Option(help: .text("help.sync.ca-file", value: "file"), completion: .file())
    var caFile: String?

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let node = try invocation.openNode()
        // Which peers there are is checked before anything else, so that a wrong name is told at once.
        _ = try node.peers(named: peers)
        let cancellation = Cancellation()
        let watcher = InterruptionWatch(invocation.interruption) { cancellation.cancel() }
        defer { watcher.end() }
        if watch { return try watch(node, invocation, cancellation) }
        let round = try round(node, cancellation)
        try invocation.interruption.check()
        if let error = round.onlyError { throw error }
        try round.tellFailures(invocation)
        return CommandOutcome("sync", data: round.data, talk: round.warnings, exitCode: round.exitCode) { round.show(on: &$0) }
    }

    private var options: SyncOptions {
        var options = SyncOptions()
        // An address without encryption was refused when it was recorded, unless a person insisted.
        options.allowsPlainText = true
        options.certificateAuthorityFile = caFile
        return options
    }

    private func round(_ node: Node, _ cancellation: Cancellation) throws -> SyncRoundReport {
        var results: [PeerSync] = []
        for peer in try node.peers(named: peers) where !cancellation.isCancelled {
            results.append(node.sync(with: peer, options: options, cancellation: cancellation))
        }
        return SyncRoundReport(results: results)
    }

    /// Syncs with each peer, and again whenever something is new on either side, until the program is asked to stop.
    private func watch(_ node: Node, _ invocation: Invocation, _ cancellation: Cancellation) throws -> CommandOutcome {
        var healthy: Set<String> = []
        try LiveSync(of: node, with: peers, options: options, cancellation: cancellation).run { outcome in
            let round = SyncRoundReport(results: [outcome])
            let wasHealthy = healthy.contains(outcome.peer)
            if outcome.error == nil { healthy.insert(outcome.peer) } else { healthy.remove(outcome.peer) }
            if invocation.json { return try invocation.emit(schema: "sync", round.data) }
            // A session in which nothing moved is worth a line only where it says that the peer is back.
            if !wasHealthy || outcome.report.pulled.changes > 0 || outcome.report.pushed.changes > 0 {
                try invocation.streams.output.write(round.lines)
                try invocation.streams.output.flush()
                for warning in round.warnings { try invocation.say(warning) }
            }
            try round.tellFailures(invocation)
        }
        return .streamed(exitCode: Catalogue.exitCode("general.interrupted"))
    }
}
