import Causality
import Foundation
import GRDB
import NodeOperations
import ProfileModel
import Testing

@testable import ProfileStore

/// What one transaction hands to the next is true of the store, whoever else writes there.
struct StoreFactsTests {
    /// What is known at the beginning of a transaction and does not stand in the store.
    private func untrue(_ store: ProfileStore) throws -> [String] {
        var found: [String] = []
        func holds(_ writer: StoreWriter, _ sql: String) throws -> Bool { try Bool.fetchOne(writer.database, sql: "SELECT EXISTS (\(sql))")! }
        struct Undone: Error {}
        do {
            try store.write { writer in
                let facts = writer.facts
                for (name, known, sql) in [
                    ("waiting", facts.hasWaiting, "SELECT 1 FROM item_rows WHERE waiting IS NOT NULL"),
                    ("aliases", facts.hasAliases, "SELECT 1 FROM aliases"),
                    ("departures", facts.hasDepartures, "SELECT 1 FROM departures"),
                    ("left scopes", facts.hasLeftScopes, "SELECT 1 FROM left_scopes"),
                    ("let go", facts.hasLetGo, "SELECT 1 FROM let_go"),
                    ("erasures", facts.isAnyErased, "SELECT 1 FROM erasures"),
                    ("other scopes", facts.isPlain.map { !$0 }, "SELECT 1 FROM scopes WHERE name NOT IN ('\(ScopeSet.root)', '\(ScopeSet.shared)')"),
                ] where known == false {
                    if try holds(writer, sql) { found.append(name) }
                }
                for (kind, isHeld) in facts.isHeld where !isHeld {
                    if try holds(writer, "SELECT 1 FROM item_rows WHERE kind = \(kind.rawValue)") { found.append("kind \(kind)") }
                }
                for (name, number) in facts.scopeNumbers {
                    let stored = try Int64.fetchOne(writer.database, sql: "SELECT ordinal FROM scopes WHERE name = ?", arguments: [name])
                    if stored != number { found.append("scope \(name)") }
                }
                for (number, name) in facts.scopeNames {
                    let stored = try String.fetchOne(writer.database, sql: "SELECT name FROM scopes WHERE ordinal = ?", arguments: [number])
                    if stored != name { found.append("scope \(number)") }
                }
                if let known = facts.unindexedMaximum, try writer.unindexedCount(through: .max) > known { found.append("unindexed") }
                if let node = facts.node {
                    let stored = try Row.fetchOne(writer.database, sql: "SELECT feed, sequence, indexed, sums, scopes FROM node")!
                    let isSame = StoreReader.unsigned(stored["feed"]) == node.feed && StoreReader.unsigned(stored["sequence"]) == node.sequence
                        && StoreReader.unsigned(stored["indexed"]) == node.indexed && stored["sums"] == Data(node.waitingSums)
                        && stored["scopes"] == node.scopes.joined(separator: "\n")
                    if !isSame { found.append("node") }
                }
                // A transaction that fails hands nothing on: only half of the time is this one to be in the way.
                if writer.facts.node.map({ $0.feed % 2 == 0 }) ?? true { throw Undone() }
            }
        } catch is Undone {}
        return found
    }

    /// Does what a person may be refused.
    private func attempt(_ body: () throws -> Void) throws {
        do { try body() } catch let error as NodeError where error.code.hasPrefix("node.") {
        } catch let error as StoreError where ["store.no-such-record", "store.erased"].contains(error.code) {}
    }

    @Test func whatIsHandedOnIsTrue() throws {
        var random = SeededNumbers(seed: printedSeed())
        let here = try SearchNode()
        let users = [here.node, try Node.open(home: here.home, author: "somebody else")]
        var records: [String] = []
        for number in 0..<6 { records.append(try here.add(.person, "name=Anna \(number)", "phone=+49301234\(1000 + number)").description) }
        var fields = 0, scopes: [String] = []
        for step in 0..<150 {
            let node = random.below(4) == 0 ? users[1] : users[0], record = random.pick(records)
try attempt {
                switch random.below(13) {
                case 0: records.append(try node.add(.person, [Assignment(field: "name", verb: .set, text: "New \(step)")], tags: ["vip"]).id.description)
                case 1: _ = try node.edit(record, [Assignment(field: "external_ids", verb: .add, text: "erp:\(step);shop:\(step)")])
                case 2:
                    _ = try node.defineField(FieldDefinition(name: "extra_\(fields + 1)", type: .text))
                    fields += 1
                case 3 where fields > 0: _ = try node.edit(record, [Assignment(field: "extra_\(fields)", verb: .set, text: "\(step)")])
                case 4: _ = try node.merge(record, random.pick(records))
                case 5: _ = try node.unmerge(record, dissolving: true)
                case 6: _ = try node.move([record], to: random.pick(["cn/east", "cn/west"]))
                case 7: _ = try scopes.isEmpty ? node.enter(scopes: ["cn/east"]) : node.leave(scopes: scopes)
                case 8: _ = try node.delete(record)
                case 9: _ = try node.restore(record)
                case 10: _ = try node.find("Anna")
                case 11 where step > 100: _ = try node.erase(record, confirmation: record)
                default: _ = try node.edit(record, [Assignment(field: "address", verb: .set, text: "Mill Lane \(step)")])
                }
            }
            scopes = try node.store.read { try $0.node().scopes }.filter { $0 == "cn/east" }
            for user in users {
                let found = try untrue(user.store)
                #expect(found.isEmpty, "step \(step): \(found)")
            }
        }
        #expect(try here.store.read { try $0.sumsHold() })
    }

    /// A scope that was numbered in a transaction which failed has no number.
    @Test func nothingIsHandedOnByWhatFailed() throws {
        struct Undone: Error {}
        let here = try SearchNode()
        _ = try here.add(.person, "name=Anna")
        #expect(throws: Undone.self) {
            try here.store.write { writer in
                _ = try writer.scopeNumber("cn/north")
                throw Undone()
            }
        }
        try here.store.write { writer in
            let number = try writer.scopeNumber("cn/north")
            #expect(try writer.scopeNames()[number] == "cn/north")
        }
    }

    /// The other user's fields, and what else is asked for once, are seen at once.
    @Test func whatAnotherWroteIsSeen() throws {
        let here = try SearchNode(), second = try Node.open(home: here.home, author: "somebody else")
        let record = try here.add(.person, "name=Anna").description
        _ = try here.node.edit(record, [Assignment(field: "address", verb: .set, text: "Mill Lane 1")])
        _ = try second.defineField(FieldDefinition(name: "hobby", type: .text))
        _ = try here.node.edit(record, [Assignment(field: "hobby", verb: .set, text: "chess")])
        _ = try second.edit(record, [Assignment(field: "address", verb: .set, text: "Mill Lane 2")])
        _ = try here.node.edit(record, [Assignment(field: "address", verb: .set, text: "Mill Lane 3")])
        let feeds = try here.store.read { try Int64.fetchAll($0.database, sql: "SELECT feed FROM customer_rows UNION ALL SELECT feed FROM item_rows") }
        #expect(Set(feeds).count == feeds.count)
    }

    /// As long as nobody else writes, a transaction begins with what the one before knew.
    @Test func factsAreHandedOn() throws {
        let here = try SearchNode(), record = try here.add(.person, "name=Anna").description
        let second = try Node.open(home: here.home, author: "somebody else")
        func edit(_ node: Node, _ text: String) throws { _ = try node.edit(record, [Assignment(field: "address", verb: .set, text: text)]) }
        try edit(here.node, "Mill Lane 1")
        #expect(try here.store.write { $0.facts.node != nil && $0.facts.hasLetGo == false && $0.facts.isHeld[.field] == false })
        try edit(second, "Mill Lane 2")
        #expect(try here.store.write { $0.facts.node == nil && $0.facts.hasLetGo == nil })
    }
}
