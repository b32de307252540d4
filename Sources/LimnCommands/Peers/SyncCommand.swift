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

    private func round(_ node: Node, _ cancellation: Cancellation) throws -> SyncRoundReport {
        var options = SyncOptions()
        // An address without encryption was refused when it was recorded, unless a person insisted.
        options.allowsPlainText = true
        options.certificateAuthorityFile = caFile
        var results: [PeerSync] = []
        for peer in try node.peers(named: peers) where !cancellation.isCancelled {
            results.append(node.sync(with: peer, options: options, cancellation: cancellation))
        }
        return SyncRoundReport(results: results)
    }

    private static let pauseMilliseconds: Int64 = 3_000
    private static let longestPauseMilliseconds: Int64 = 60_000

    /// Syncs round after round until the program is asked to stop; failing rounds follow one another ever more slowly.
    private func watch(_ node: Node, _ invocation: Invocation, _ cancellation: Cancellation) throws -> CommandOutcome {
        var pause = Self.pauseMilliseconds
        while !cancellation.isCancelled {
            let round = try round(node, cancellation)
            if cancellation.isCancelled { break }
            if invocation.json {
                try invocation.emit(schema: "sync", round.data)
            } else {
                try invocation.streams.output.write(round.lines)
                try invocation.streams.output.flush()
                for warning in round.warnings { try invocation.say(warning) }
                try round.tellFailures(invocation)
            }
            pause = round.exitCode == 0 ? Self.pauseMilliseconds : min(pause * 2, Self.longestPauseMilliseconds)
            wait(milliseconds: pause, invocation.interruption)
        }
        return .streamed(exitCode: Catalogue.exitCode("general.interrupted"))
    }

    private func wait(milliseconds: Int64, _ interruption: Interruption) {
        let end = ProgressLine.monotonicMilliseconds() + milliseconds
        while ProgressLine.monotonicMilliseconds() < end, !interruption.isRequested { InterruptionWatch.pause() }
    }
}
