import Causality
import FleetSupport
import Foundation
import NodeOperations
import ProfileModel
import ProfileStore

/// What the customers of a store read as, in words of its own: JSON that no change of code touches unless the meaning changes.
enum GoldenMeaning {
    static let expressions = ["stage = customer", "city = 上海 AND tag = vip", "audit_due >= 2027-05-01", "conflict = true", "machines = saw", "陆梅"]

    /// The meaning of a store as an object of JSON: the same for every version that reads it rightly.
    static func read(_ node: Node) throws -> [String: Any] {
        var ids: [RowID] = []
        try node.exportProfiles { ids.append($0.id) }
        let deleted = try StoreLaws.rows(node).filter(\.kind.isCustomer).map(\.id).sorted().filter { try node.show($0.description).isDeleted }
        let finds = try expressions.map { text in (text, try node.find(text, limit: 1_000).rows.map(\.id.description).sorted()) }
        let fields = try node.fields().catalogue.fields.filter(\.id.isCustom).map {
            "\($0.name) \($0.type.rawValue) \($0.isSet ? "set" : "single") \($0.labelEnglish) \($0.labelChinese) \($0.policy.rawValue) \($0.sensitivity.rawValue)"
        }
        let counts = try node.status().counts
        return [
            "customers": try ids.map { try customer(node, $0) }, "deleted": deleted.map(\.description), "finds": Dictionary(uniqueKeysWithValues: finds),
            "fields": fields.sorted(), "sources": try node.sourceOrder().sources,
            "conflicts": try node.conflicts().conflicts.map(text).sorted(),
            "counts": ["customers": counts.customers, "events": counts.events, "conflicts": counts.conflicts, "disagreements": counts.disagreements],
            "operations": try node.operations().map { "\(time($0.at)) \($0.author) \($0.command)\($0.undoneBy == nil ? "" : ", undone")" },
            "tasks": try node.tasks(includingDone: true).map { "\($0.due.map(time) ?? "-") \($0.text)\($0.isDone ? ", done" : "")" },
        ]
    }

    private static func customer(_ node: Node, _ id: RowID) throws -> [String: Any] {
        let profile = try node.show(id.description)
        return [
            "id": profile.id.description, "kind": profile.kind.name, "code": profile.code ?? "", "scope": profile.scope,
            "members": profile.members.map(\.description), "tags": profile.tags,
            "values": Dictionary(uniqueKeysWithValues: profile.values.map { ($0.field.name, $0.values + ["by \($0.source ?? $0.author)"]) }),
            "conflicts": profile.conflicts.map(text).sorted(),
            "relations": profile.relations.map { "\($0.record) \($0.isSame ? "same" : "other")\($0.byPerson ? " by a person" : "")" }.sorted(),
            "events": profile.timeline.map { "\($0.at.map(time) ?? "-") \($0.type) \($0.attributes["text"] ?? "")" },
            "history": try Dictionary(grouping: node.history(id.description)) { $0.action.rawValue }.mapValues(\.count),
        ]
    }

    private static func text(_ conflict: Conflict) -> String {
        let candidates = conflict.candidates.map { "\($0.value ?? "-") by \($0.source ?? $0.author) on \($0.node)" }.sorted()
        return "\(conflict.key) \(conflict.kind.name) shown \(conflict.shown ?? "-") of \(candidates.joined(separator: ", "))"
    }

    private static func time(_ stamp: Stamp) -> String { Timestamp.text(microseconds: stamp.rawValue) }

    /// Where two meanings differ: the paths of what is not the same.
    static func differences(_ expected: Any, _ found: Any, at path: String = "") -> [String] {
        if let expected = expected as? [String: Any], let found = found as? [String: Any] {
            return Set(expected.keys).union(found.keys).sorted().flatMap { key in
                differences(expected[key] ?? NSNull(), found[key] ?? NSNull(), at: "\(path)/\(key)")
            }
        }
        if let expected = expected as? [Any], let found = found as? [Any], expected.count == found.count {
            return zip(expected, found).enumerated().flatMap { differences($1.0, $1.1, at: "\(path)/\($0)") }
        }
        return (expected as? NSObject)?.isEqual(found) == true ? [] : ["\(path): expected \(expected), found \(found)"]
    }
}
