internal import Causality
internal import Connectors
internal import Foundation
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore

/// How a round with a system ended.
public struct ConnectorRound: Sendable {
    public let name: String
    public let counts: ConnectorCounts
    /// Nil where all went well.
    public let error: (any Error)?
}

extension Node {
    /// Reads what has changed in a system since the last time, as the word of a source.
    ///
    /// - Durability: a page is on disk together with the cursor behind it, within a second, with those that have come meanwhile; cut anywhere, a
    ///   pull goes on behind the last that is.
    /// - Throws: `crm.no-such-connector`, `crm.owned-elsewhere`, `crm.no-secret`, `crm.suspended`, `crm.unauthorized`, `crm.unavailable`,
    ///   `crm.unreadable-answer`, `crm.refused`, `crm.too-many-gone`, `crm.cancelled`, `http.*`.
    public func pullConnector(_ name: String, options: ConnectorOptions = ConnectorOptions()) throws -> ConnectorCounts {
        let run = try ConnectorRun(self, name, options)
        try run.round {
            try run.pull()
            try settle()
        } end: { $0.lastPull = environment.now() }
        return run.counts
    }

    /// Reads and writes: a pull, and a push of what is shown here and differs.
    ///
    /// - Throws: as `pullConnector` and `pushConnector`.
    public func syncConnector(_ name: String, options: ConnectorOptions = ConnectorOptions()) throws -> ConnectorCounts {
        let run = try ConnectorRun(self, name, options)
        try run.round {
            try run.pull()
            try run.push()
            try settle()
        } end: { ($0.lastPull, $0.lastPush) = (environment.now(), environment.now()) }
        return run.counts
    }

    /// The same with several systems; one that fails does not stop the others.
    public func rounds(_ names: [String], _ round: (String) throws -> ConnectorCounts) -> [ConnectorRound] {
        names.map { name in
            do { return ConnectorRound(name: name, counts: try round(name), error: nil) } catch {
                return ConnectorRound(name: name, counts: ConnectorCounts(), error: error)
            }
        }
    }
}

extension ConnectorRun {
    /// So many pages a pull reads at most: a system whose pages never end is not believed.
    private static let pagesMaximum = 1_000_000

    /// Reads all objects, page by page.
    func pull() throws {
        for object in mapping.objects where object.settings["read"] != "no" {
            do {
                try pull(object)
                if object.isEvent { try takeBackRefusal(of: object) }
            } catch let error as ConnectorError where object.isEvent && error.code == "crm.refused" {
                // Who may read customers may not always read what happened with them.
                let letter = DeadLetter(object: object.name, record: nil, remoteID: "", code: error.parameters["code"] ?? error.code, payload: .zero)
                try node.store.write { try $0.put(letter, connector: name) }
                counts.refused += 1
            }
        }
    }

    /// Takes away the letter that a kind of records may not be read, now that it was.
    private func takeBackRefusal(of object: MappedObject) throws {
        let letters = try node.store.read { try $0.deadLetters(name) }.filter { letter in
            letter.object == object.name && letter.record == nil && letter.remoteID.isEmpty && letter.code != "crm.bad-id"
        }
        if letters.isEmpty { return }
        try node.store.write { writer in for letter in letters { try writer.removeDeadLetter(letter.number) } }
    }

    private func pull(_ object: MappedObject) throws {
        try askUntellable(object)
        let isDue = try isReconciliationDue(object)
        let hasLostDeletes = try readPages(object)
        if hasLostDeletes || options.reconciles || isDue { return try reconcile(object) }
        try readLists(of: object, all: false)
        // Whoever has just read everything need not compare all ids.
        if try node.store.read({ try $0.connectorComparison(name, object: object.name) }) == nil { try noteComparison(of: object) }
    }

    /// Reads a window to its end; whether the system no longer knows all that was deleted since.
    private func readPages(_ object: MappedObject) throws -> Bool {
        var cursor = try cursor(object), pages = PagesAtHand(), hasLostDeletes = false, changed: Set<String> = []
        let asksAffiliates = try associationsMissClocks && prepared(object).isNamed
        try readAhead(object, from: cursor)
        defer { leaveAhead() }
        for _ in 0..<ConnectorRun.pagesMaximum {
            do {
                let ahead = try nextPage(object, &pages), page = ahead.page
                let isStuck = page.hasMore && page.next == cursor
                if !pages.canTake(page) { try keep(&pages, object) }
                let arrivals = try arrivals(completed(page.records, object), object, ahead.readings)
                if asksAffiliates { changed.formUnion(arrivals.filter { $0.known != nil && $0.known?.stamp != $0.record.stamp }.map(\.record.id)) }
                pages.add(page, arrivals, try memberships(ofChanged: arrivals, object), at: ahead.time)
                // What comes behind a page that has more to ask would be asked for twice where that fails.
                if page.hasMore, !isStuck, !ahead.isFollowed { try readAhead(object, from: page.next) }
                hasLostDeletes = hasLostDeletes || page.hasLostDeletes
                if isStuck { throw ConnectorError("crm.unreadable-answer", ["what": "cursor"], retry: .afterSomeoneActs) }
                if !page.hasMore { break }
                cursor = page.next
                if pages.areDue(at: ahead.time) { try keep(&pages, object) }
            } catch {
                // What has come is not asked for again.
                try keep(&pages, object)
                throw error
            }
        }
        try keep(&pages, object)
        try readAffiliates(of: changed, object)
        return hasLostDeletes
    }

    /// So long it is waited for a page before it is asked whether those at hand are due.
    private static let lookMilliseconds = 50

    /// So many new customers are brought into the search index at once while a page is under way: about as long as that takes.
    private static let indexedAtOnce = 4_000

    /// The next page that is read ahead; meanwhile what is due is written, and what is new comes into the search index.
    private func nextPage(_ object: MappedObject, _ pages: inout PagesAtHand) throws -> PageAhead.Page {
        while true {
            let isBehind = unindexed >= ConnectorRun.indexedAtOnce
            let page = try takeAhead(withinMilliseconds: isBehind ? 0 : ConnectorRun.lookMilliseconds)
            if pages.areDue(at: page?.time ?? node.environment.now()) { try keep(&pages, object) }
            if let page { return page }
            if isBehind {
                let indexed = try node.store.write { try $0.indexPending(limit: ConnectorRun.indexedAtOnce) }
                unindexed = indexed == 0 ? 0 : unindexed - indexed
            }
        }
    }

    private func cursor(_ object: MappedObject) throws -> PullCursor {
        let text = try node.store.read { try $0.connectorCursor(name, object: object.name) }
        let known = text.flatMap { try? JSONDecoder().decode(PullCursor.self, from: Data($0.utf8)) }
        return known.flatMap { $0.generation == state.generation ? $0 : nil } ?? PullCursor(generation: state.generation)
    }

    /// Makes pages durable, together with the cursor behind the last.
    private func keep(_ pages: inout PagesAtHand, _ object: MappedObject) throws {
        guard let next = pages.next else { return }
        let before = counts, waiting = pages
        pages = PagesAtHand()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let cursor = String(decoding: try encoder.encode(next), as: UTF8.self)
        try node.store.write { writer in
            counts = before
            counts.read += waiting.read
            try merge(waiting.arrivals, object, writer)
            for (id, told) in waiting.memberships { try takeMemberships(told, of: id, object, writer) }
            try merge(waiting.tombstones, object, writer)
            try writer.setConnectorCursor(name, object: object.name, to: cursor)
            // The cursor is beyond what nobody told: until all ids are compared that stays due, also when this process ends before.
            if waiting.hasLostDeletes { try writer.setConnectorComparison(name, object: object.name, at: Stamp(rawValue: 0)) }
        }
        unindexed += counts.created - before.created
        options.progress(counts)
    }
}
