internal import ArgumentParser
internal import Causality
internal import Messages
internal import NodeOperations
internal import ProfileModel

extension ConflictsCommand {
    /// `limn conflicts show`: one conflict with the customer's profile beside it.
    struct Show: NodeCommand {
        static var configuration: CommandConfiguration {
            CommandConfiguration(
                commandName: "show", abstract: Catalogue.text("help.conflicts.show"),
                discussion: Catalogue.text("help.conflicts.show.discussion"))
        }

        @Argument(help: .text("help.conflicts.key"))
        var key: String

        func run(in invocation: Invocation) throws -> CommandOutcome {
            let node = try invocation.openNode()
            let conflict = try node.conflict(key)
            let profile = try node.show(conflict.record.description, events: 0)
            let data = JSONValue.object(conflict.members + [.init("profile", profile.data)])
            return CommandOutcome("conflict", data: data, talk: [Catalogue.text("say.conflict-resolve", ["key": conflict.key])]) { page in
                Self.show(conflict, profile, on: &page)
            }
        }

        static func show(_ conflict: Conflict, _ profile: ShownProfile, on page: inout TextPage) {
            page.line("\(conflict.name ?? conflict.record.description) · \(fieldTitle(conflict.field)) · \(conflict.kindTitle)", .bold)
            var table = TextTable([
                .init(""), .init(Catalogue.text("label.value")), .init(Catalogue.text("label.who")), .init(Catalogue.text("label.when"), shrinks: false),
                .init(Catalogue.text("label.dot"), shrinks: false),
            ])
            for candidate in conflict.candidates {
                let isShown = conflict.candidatesShownFirst.shown?.dot == candidate.dot
                table.add([
                    .init(isShown ? Catalogue.text("label.shown") : "", .green), .init(conflict.saying(of: candidate), isShown ? .green : .yellow),
                    .init(candidate.speaker), .init(TimeText.local(candidate.at)), .init(candidate.dot.description),
                ])
            }
            page.table(table)
            page.heading(Catalogue.text("label.profile"))
            page.values(
                [(Catalogue.text("label.record"), profile.id.description)]
                    + profile.values.map { ($0.field.label + ($0.isConflict ? " *" : ""), $0.field.shown($0.values)) })
        }
    }
}
