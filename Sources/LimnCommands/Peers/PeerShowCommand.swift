internal import ArgumentParser
internal import Messages
internal import NodeOperations
internal import ProfileStore

extension PeerCommand {
    /// `limn peer show`: what is known of one node.
    struct Show: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(commandName: "show", abstract: Catalogue.text("help.peer.show"))
        }

        @Argument(help: .text("help.peer.name"))
        var name: String

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let record = try invocation.openNode().peerRecord(name)
            return CommandOutcome("peer", data: record.data) { page in
                page.values([
                    (Catalogue.text("label.name"), record.name), (Catalogue.text("label.url"), record.peer?.url ?? "–"),
                    (Catalogue.text("label.node"), record.peer?.neighbour?.name ?? "–"),
                    (Catalogue.text("label.last-sync"), record.status?.lastSync.map { TimeText.local($0) } ?? Catalogue.text("label.never")),
                    (Catalogue.text("label.ahead"), record.status?.ahead.map(String.init) ?? "–"),
                    (Catalogue.text("label.behind"), record.status?.behind.map(String.init) ?? "–"),
                    (Catalogue.text("label.admission"), record.admissionTitle),
                ])
            }
        }
    }
}
