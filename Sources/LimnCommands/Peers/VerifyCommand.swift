internal import ArgumentParser
internal import CurlHTTP
internal import Messages
internal import NodeOperations
internal import ProfileModel
internal import Replication

/// `limn verify`: finds what this node and a peer hold differently.
struct VerifyCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "verify", abstract: Catalogue.text("help.verify"), discussion: Catalogue.text("help.verify.discussion"))
    }

    @Argument(help: .text("help.verify.peer"))
    var peer: String

    @Flag(help: .text("help.verify.repair"))
    var repair = false

    @Option(help: .text("help.sync.ca-file", value: "file"), completion: .file())
    var caFile: String?

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let node = try invocation.openNode()
        let known = try node.peers(named: [peer])[0]
        let cancellation = Cancellation()
        let watcher = InterruptionWatch(invocation.interruption) { cancellation.cancel() }
        defer { watcher.end() }
        var options = SyncOptions()
        options.allowsPlainText = true
        options.certificateAuthorityFile = caFile
        let found = try node.verify(with: known, isRepairing: repair, options: options, cancellation: cancellation)
        return CommandOutcome("verify", data: data(found), talk: talk(found), exitCode: found.isEqual ? 0 : 1) { show(found, on: &$0) }
    }

    private func data(_ found: Verification) -> JSONValue {
        [
            "equal": .bool(found.isEqual), "differences": JSONValue(found.differences.count), "roundTrips": JSONValue(found.roundTrips),
            "bytes": JSONValue(found.bytes), "milliseconds": JSONValue(found.milliseconds),
            "records": .array(found.differences.map { difference in
                [
                    "record": JSONValue(id: difference.id), "kind": JSONValue(difference.kind?.name), "place": .string(difference.place.rawValue),
                    "name": JSONValue(difference.name),
                ]
            }),
            "repaired": found.repaired.map { ["here": JSONValue($0.here), "there": JSONValue($0.there)] } ?? .null,
        ]
    }

    private func show(_ found: Verification, on page: inout TextPage) {
        let cost = ["peer": peer, "trips": String(found.roundTrips), "kilobytes": ProgressLine.grouped((found.bytes + 1023) / 1024)]
        if found.isEqual {
            page.line(Catalogue.text("say.verify.equal", cost))
            return
        }
        var table = TextTable([
            .init(Catalogue.text("label.record"), shrinks: false), .init(Catalogue.text("label.kind"), shrinks: false),
            .init(Catalogue.text("label.verify.place"), shrinks: false), .init(Catalogue.text("label.name")),
        ])
        for difference in found.differences.prefix(Self.linesMaximum) {
            table.add([
                difference.id.ending, difference.kind.map(\.name) ?? "–", Catalogue.text("label.verify.\(difference.place.rawValue)"),
                difference.name ?? "–",
            ])
        }
        page.table(table)
        page.line(Catalogue.text("say.verify.differ", cost.merging(["count": ProgressLine.grouped(found.differences.count)]) { $1 }))
    }

    /// So many differing rows are listed for people; a document has all.
    private static let linesMaximum = 100

    private func talk(_ found: Verification) -> [String] {
        if found.isEqual { return [] }
        guard let repaired = found.repaired else { return [Catalogue.text("say.verify.hint", ["peer": peer])] }
        return [Catalogue.text("say.verify.repaired", [
            "peer": peer, "here": ProgressLine.grouped(repaired.here), "there": ProgressLine.grouped(repaired.there),
        ])]
    }
}
