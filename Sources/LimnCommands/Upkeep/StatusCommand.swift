internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileModel
internal import ProfileStore

/// `limn status`: how this node stands.
struct StatusCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "status", abstract: Catalogue.text("help.status"), discussion: Catalogue.text("help.status.discussion"))
    }

    @Flag(help: .text("help.status.pending"))
    var pending = false

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let node = try invocation.openNode()
        let status = try node.status()
        let rows = pending ? try node.unsentRows() : []
        let names = try node.customerNames(rows.map(\.id))
        return CommandOutcome("status", data: data(status, node.author, rows)) { page in
            show(status, node.author, on: &page)
            if pending { Self.show(rows, names, on: &page) }
        }
    }

    private func data(_ status: StatusReport, _ author: String, _ rows: [UnsentRow]) -> JSONValue {
        let peers = status.peers.map { peer -> JSONValue in
            [
                "name": .string(peer.name), "lastSync": JSONValue(at: peer.lastSync), "ahead": JSONValue(peer.ahead),
                "behind": JSONValue(peer.behind),
            ]
        }
        return [
            "node": .string(status.node.name), "id": JSONValue(id: status.node.id), "origin": JSONValue(id: status.node.origin),
            "name": .string(status.node.name), "deployment": JSONValue(id: status.node.deployment), "author": .string(author),
            "customers": JSONValue(status.counts.customers), "events": JSONValue(status.counts.events),
            "conflicts": JSONValue(status.counts.conflicts), "disagreements": JSONValue(status.counts.disagreements),
            "review": JSONValue(status.counts.review), "digest": JSONValue(id: status.counts.digest), "scopes": JSONValue(status.node.scopes),
            "lives": JSONValue(status.lives.count), "unsent": JSONValue(status.unsent), "peers": .array(peers),
            "pending": pending ? .array(rows.map { ["id": JSONValue(id: $0.id), "kind": .string($0.kind.name)] }) : .null,
        ]
    }

    private func show(_ status: StatusReport, _ author: String, on page: inout TextPage) {
        let origin = (Catalogue.text("label.origin"), status.node.origin.description)
        let lives = (Catalogue.text("label.lives"), status.lives.last.map { "\(status.lives.count) (\($0.reasonTitle), \(TimeText.local($0.began)))" } ?? "")
        page.values([(Catalogue.text("label.node"), status.node.name), (Catalogue.text("label.author"), author), origin]
            + (status.lives.count > 1 ? [lives] : []) + [
            (Catalogue.text("label.scopes"), status.node.scopes.joined(separator: ", ")),
            (Catalogue.text("label.customers"), ProgressLine.grouped(status.counts.customers)),
            (Catalogue.text("label.events"), ProgressLine.grouped(status.counts.events)),
            (Catalogue.text("label.conflicts"), ProgressLine.grouped(status.counts.conflicts)),
            (Catalogue.text("label.review"), ProgressLine.grouped(status.counts.review)),
            (Catalogue.text("label.unsent"), ProgressLine.grouped(status.unsent)),
            (Catalogue.text("label.digest"), status.counts.digest.description),
        ])
        if status.peers.isEmpty { return }
        page.line()
        var table = TextTable([
            .init(Catalogue.text("label.peer"), shrinks: false), .init(Catalogue.text("label.last-sync")),
            .init(Catalogue.text("label.ahead"), .right, shrinks: false), .init(Catalogue.text("label.behind"), .right, shrinks: false),
        ])
        for peer in status.peers {
            table.add([
                peer.name, peer.lastSync.map { TimeText.local($0) } ?? Catalogue.text("label.never"), peer.ahead.map(String.init) ?? "–",
                peer.behind.map(String.init) ?? "–",
            ])
        }
        page.table(table)
    }

    private static func show(_ rows: [UnsentRow], _ names: [RowID: String], on page: inout TextPage) {
        page.heading(Catalogue.text("label.unsent"))
        var table = TextTable([
            .init(Catalogue.text("label.record"), shrinks: false), .init(Catalogue.text("label.kind")), .init(Catalogue.text("label.customer")),
        ])
        for row in rows { table.add([row.id.ending, Catalogue.text("label.kind.\(row.kind.name)"), names[row.id] ?? ""]) }
        page.table(table)
    }
}
