internal import ArgumentParser
internal import Messages
internal import NodeOperations
internal import ProfileModel

/// `limn duplicates find`: compares everything, or what changed since that was done; links what is certain, lists the rest.
struct DuplicatesFindCommand: NodeCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "find", abstract: Catalogue.text("help.duplicates.find"),
            discussion: Catalogue.text("help.duplicates.find.discussion"))
    }

    @Option(help: .text("help.duplicates.link-above", value: "probability"))
    var linkAbove = 0.95

    @Flag(help: .text("help.duplicates.refit"))
    var refit = false

    @Flag(help: .text("help.duplicates.all"))
    var all = false

    @Option(help: .text("help.duplicates.limit", value: "n"))
    var limit: Int?

    func run(in invocation: Invocation) throws -> CommandOutcome {
        let limit = try limit.map(ChangesCommand.checked)
        var search = DuplicateSearch()
        search.linkAbove = linkAbove
        search.refits = refit
        search.comparesAll = all
        let node = try invocation.openNode()
        let reading = invocation.progress(Catalogue.text("label.duplicates-reading"))
        let blocking = invocation.progress(Catalogue.text("label.duplicates-blocking"))
        let counting = invocation.progress(Catalogue.text("label.duplicates-counting"))
        let fitting = invocation.progress(Catalogue.text("label.duplicates-fitting"))
        let comparing = invocation.progress(Catalogue.text("label.duplicates-comparing"))
        let writing = invocation.progress(Catalogue.text("label.duplicates-writing"))
        defer { for line in [reading, blocking, counting, fitting, comparing, writing] { line.finish() } }
        let found = try node.findDuplicates(search) { progress in
            switch progress {
            case .reading(let records, let total): reading.advance(to: records, of: total)
            case .comparing: reading.finish()
            case .blocking(let rules, let total):
                blocking.advance(to: rules, of: total)
                if rules == total { blocking.finish() }
            case .counting(let parts, let total):
                counting.advance(to: parts, of: total)
                if parts == total { counting.finish() }
            case .fitting(let rounds): fitting.advance(to: rounds, of: nil)
            case .judging(let parts, let total):
                fitting.finish()
                comparing.advance(to: parts, of: total)
                if parts == total { comparing.finish() }
            case .writing(let pairs, let total): writing.advance(to: pairs, of: total)
            }
        }
        writing.finish()
        let list = try DuplicateList(node, of: found.changed, limit: limit, namesShown: !invocation.json)
        let members: [JSONValue.Member] = [
            .init("records", JSONValue(found.records)), .init("compared", .string(found.comparedAll ? "all" : "changes")), .init("linked", JSONValue(found.linked)),
            .init("models", .array(found.models.map { ["kind": .string($0.kind.name), "model": .string($0.model.rawValue)] })),
            .init("operation", JSONValue(id: found.operation)),
        ]
        return CommandOutcome("duplicates-find", data: .object(members + list.members), talk: talk(found, list), isPaged: true) {
            list.show(on: &$0)
        }
    }

    private func talk(_ found: DuplicateSearchOutcome, _ list: DuplicateList) -> [String] {
        var lines = [Catalogue.text("say.duplicates-linked", ["count": String(found.linked), "records": String(found.records)])]
        if !found.comparedAll { lines.append(Catalogue.text("say.duplicates-changes", ["records": String(found.records)])) }
        for (kind, model) in found.models {
            switch model {
            case .own: lines.append(Catalogue.text("say.duplicates-own-model", ["kind": ShownText.kind(kind)]))
            case .fitted: lines.append(Catalogue.text("say.duplicates-published", ["kind": ShownText.kind(kind)]))
            case .published: break
            }
        }
        if found.comparedAll || !list.isEmpty { lines.append(list.talk) }
        return lines + takeBackLines(found.operation)
    }
}
