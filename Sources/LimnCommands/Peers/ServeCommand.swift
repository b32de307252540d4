internal import ArgumentParser
internal import Foundation
internal import Messages
internal import NodeOperations
internal import NodeServer
internal import Synchronization

/// `limn serve`: answers other nodes until it is stopped.
struct ServeCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "serve", abstract: Catalogue.text("help.serve"), discussion: Catalogue.text("help.serve.discussion"))
    }

    @Option(help: .text("help.serve.listen", value: "host:port"))
    var listen: String?

    @Flag(help: .text("help.serve.insecure"))
    var insecure = false

    @Option(help: .text("help.serve.ca-file", value: "file"), completion: .file())
    var caFile: String?

    func run(in invocation: Invocation) throws -> CommandOutcome {
        var options = NodeServer.Options()
        if let listen { options.address = try ListenAddress(listen) }
        options.allowsPlainText = insecure
        // The program's own handlers raise the flag that is watched below; a second signal ends the process at once.
        options.stopsOnSignals = false
        let node = try invocation.openNode(), server = NodeServer(node: node, options: options)
        let watcher = InterruptionWatch(invocation.interruption) { Task { await server.stop() } }
        defer { watcher.end() }
        let language = Language.current
        let cleaner = ScheduledCleaner(node, invocation.interruption) { try? invocation.say($0) }
        defer { cleaner.end() }
        let rounds = ScheduledRounds(node, invocation.interruption, certificateAuthorityFile: caFile) { try? invocation.say($0) }
        defer { rounds.end() }
        try Self.waiting {
            try await server.run { url in
                // A reader that has gone does not stop a server.
                if invocation.json {
                    try? invocation.emit(schema: "serve", ["url": .string(url)])
                } else {
                    try? invocation.streams.output.write(url + "\n")
                    try? invocation.streams.output.flush()
                    Language.$current.withValue(language) { try? invocation.say(Catalogue.text("say.serving")) }
                }
            }
        }
        return .streamed()
    }

    /// Runs asynchronous work to its end: the one place where a command waits for it.
    private static func waiting(_ work: @escaping @Sendable () async throws -> Void) throws {
        let isDone = DispatchSemaphore(value: 0)
        let failure = Mutex<(any Error)?>(nil)
        Task.detached {
            do { try await work() } catch { failure.withLock { $0 = error } }
            isDone.signal()
        }
        isDone.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
