internal import ArgumentParser
internal import Messages
internal import NodeOperations
internal import ProfileStore

extension PeerCommand {
    /// `limn peer list`: all nodes that this one calls or admits.
    struct List: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "list", abstract: Catalogue.text("help.peer.list"))
        }

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let records = try invocation.openNode().peerRecords()
            let talk = records.isEmpty ? [Catalogue.text("say.no-peers")] : []
            return CommandOutcome("peers", data: ["peers": .array(records.map(\.data))], talk: talk) { page in
                if records.isEmpty { return }
                var table = TextTable([
                    .init(Catalogue.text("label.name"), shrinks: false), .init(Catalogue.text("label.url")),
                    .init(Catalogue.text("label.last-sync")), .init(Catalogue.text("label.ahead"), .right, shrinks: false),
                    .init(Catalogue.text("label.behind"), .right, shrinks: false), .init(Catalogue.text("label.admission")),
                ])
                for record in records {
                    table.add([
                        record.name, record.peer?.url ?? "–", record.status?.lastSync.map { TimeText.local($0) } ?? Catalogue.text("label.never"),
                        record.status?.ahead.map(String.init) ?? "–", record.status?.behind.map(String.init) ?? "–", record.admissionTitle,
                    ])
                }
                page.table(table)
            }
        }
    }
}
