internal import Causality
internal import Connectors
internal import NodeEnvironment
internal import ProfileModel
internal import ProfileStore

/// What is to stand in a system and does not: what the profile shows, on another's word than the system's, and differs from what the system
/// last said.
struct RemotePlan {
    /// What to send, by remote names.
    var values: [String: RemoteValue] = [:]
    /// Fields for which people and the system differ, and ours goes before by the mapping: they could go to and fro.
    var contested: Set<String> = []

    /// What is to belong to the record, by remote names.
    var associations: [String: [RemoteAssociation]] = [:]

    /// Whether the record is to stand on lists, by their ids.
    var lists: [String: Bool] = [:]

    var isEmpty: Bool { values.isEmpty && associations.isEmpty && lists.isEmpty }

    /// How many fields, associations and lists there are to send.
    var count: Int { values.count + associations.count + lists.count }

    func holds(_ field: String) -> Bool { values[field] != nil || associations[field] != nil || list(field) != nil }

    mutating func leaveOut(_ field: String) {
        (values[field], associations[field]) = (nil, nil)
        if let list = list(field) { lists[list] = nil }
    }

    /// The list that a field of a refusal names.
    private func list(_ field: String) -> String? { lists.keys.first { PushOperation.field(ofList: $0) == field } }

    /// A hash of one value, or of all.
    func payload(_ field: String = "", key: HashKey) -> Digest128 {
        var hash = SipHash128(key: key)
        for (name, value) in values.sorted(by: { $0.key < $1.key }) where field.isEmpty || name == field {
            hash.update(name)
            hash.update(UInt64(value.texts.count))
            for text in value.texts { hash.update(text) }
        }
        for (name, others) in associations.sorted(by: { $0.key < $1.key }) where field.isEmpty || name == field {
            hash.update(name)
            for other in others.sorted(by: { $0.id < $1.id }) {
                hash.update(other.id)
                hash.update(other.role ?? "")
            }
        }
        for (list, joins) in lists.sorted(by: { $0.key < $1.key }) {
            let name = PushOperation.field(ofList: list)
            if !field.isEmpty, name != field { continue }
            hash.update(name)
            hash.update(joins ? 1 : 0 as UInt64)
        }
        return hash.finalize()
    }
}

extension ConnectorRun {
    /// Compares a profile with what the system last said of one record.
    ///
    /// - Parameters:
    ///   - record: the record of ours that the system's record is; nil for one that is to be made.
    ///   - remoteID: the system's id of that record; empty for one that is to be made.
    ///   - current: the system's record as it is, where it was just read.
    func plan(
        _ profile: Profile, record: RowID?, remoteID: String, current: RemoteRecord?, _ object: MappedObject, _ reader: StoreReader
    ) throws -> RemotePlan {
        var plan = RemotePlan()
        let state = record.flatMap { id in profile.members.first { $0.id == id }?.state }
        let fields = try fields(of: object).filter { $0.mapped.direction != .in }
        for field in fields where !field.field.isSet { try planRegister(field, profile, state, &plan, reader) }
        for (id, slots) in Dictionary(grouping: fields.filter(\.field.isSet), by: \.field.id) {
            let present = profile.elements(id).filter { !$0.reading.candidates.allSatisfy(\.write.header.isInferred) }
            // The newest first: it takes a place that becomes free.
            let elements = present.sorted { ($0.reading.latest?.write.header.stamp ?? .init(rawValue: 0)) > ($1.reading.latest?.write.header.stamp ?? .init(rawValue: 0)) }
            let shown = elements.map { $0.element.plainText }
            let said = state.map { state in
                state.cells.keys.filter { $0.field == id.rawValue && !$0.element.isEmpty && state.word(of: name, in: $0) != nil }
                    .sorted().map { FieldValue.plainText(of: $0.element) }
            } ?? []
            if let list = slots.first(where: \.mapped.isList) {
                planList(list, shown: shown, said: said, later: laterWords(list, profile, state), current: current, &plan)
            } else {
                planSet(slots, shown: shown, said: said, current: current, &plan)
            }
        }
        for association in object.associations where association.direction != .in && untellable[object.name]?.contains(association.remote) != true {
            try self.plan(association, profile, remoteID: remoteID, current: current, object, &plan, reader)
        }
        try planLists(profile, state, remoteID: remoteID, object, &plan, reader)
        try planComputed(profile, remoteID: remoteID, object, &plan, reader)
        return plan
    }

    private func planRegister(_ prepared: PreparedField, _ profile: Profile, _ state: RowState?, _ plan: inout RemotePlan, _ reader: StoreReader) throws {
        let cell = CellKey(field: prepared.field.id.rawValue), reading = profile.reading(cell)
        guard var shown = profile.shown(reading, by: prepared.field.policy) else { return }
        if reading.isConflict {
            switch prepared.mapped.authority {
            case .manual, .remote: return
            case .local:
                guard let person = reading.candidates.filter(\.write.isPerson).max(by: { Write.precedes($0.write, $1.write) }) else { return }
                shown = person
            case .newest:
                guard let latest = reading.latest else { return }
                shown = latest
            }
            plan.contested.insert(prepared.mapped.remote)
        }
        let header = shown.write.header
        if header.isInferred || header.source.map({ $0.utf8.elementsEqual(name.utf8) }) ?? false { return }
        let said = state?.word(of: name, in: cell).map { FieldValue.plainText(of: $0) }
        guard let value = shown.write.value.map({ FieldValue.plainText(of: $0) }) else {
            if said != nil, prepared.mapped.blank == .clear { plan.values[prepared.mapped.remote] = .empty }
            return
        }
        if let said, comparable(said, prepared) == comparable(value, prepared) { return }
        let text = prepared.mapped.form.remote(value)
        plan.values[prepared.mapped.remote] = prepared.mapped.isList ? .list([text]) : .text(text)
    }

    /// The elements of which another spoke after the system's last word on them in this record, as the profile has them: what was put there or
    /// taken away there since then stays as somebody there wants it.
    private func laterWords(_ prepared: PreparedField, _ profile: Profile, _ state: RowState?) -> Set<String> {
        let cells = profile.cells.filter { $0.field == prepared.field.id.rawValue && !$0.element.isEmpty }
        let later = cells.filter { cell in
            if prepared.mapped.authority == .local { return true }
            let reading = profile.reading(cell), isPresent = reading.isPresent
            let theirs = (state?.cells[cell] ?? []).filter { $0.header.source == name }.max(by: Write.precedes)
            return reading.candidates.map(\.write).contains { write in
                (write.value != nil) == isPresent && !write.header.isInferred && (theirs.map { Write.precedes($0, write) } ?? true)
            }
        }
        return Set(later.map { comparable(FieldValue.plainText(of: $0.element), prepared) })
    }

    /// Compares a set with a property of several values.
    ///
    /// - Parameter later: the elements that may be added or taken away.
    private func planList(
        _ list: PreparedField, shown: [String], said: [String], later: Set<String>, current: RemoteRecord?, _ plan: inout RemotePlan
    ) {
        func key(_ text: String) -> String { comparable(text, list) }
        let form = list.mapped.form, wanted = Set(shown.map(key)), known = Set(said.map(key))
        if wanted == known { return }
        // What stays keeps its place and the way it is written there.
        let present = (current?.fields[list.mapped.remote]?.texts ?? said.map(form.remote)).filter { text in
            let element = key(form.local(text))
            return wanted.contains(element) || known.contains(element) && !later.contains(element)
        }
        let kept = Set(present.map { key(form.local($0)) })
        let added = shown.filter { !kept.contains(key($0)) && later.contains(key($0)) }
        if kept.union(added.map(key)) == known || kept.isEmpty && added.isEmpty && list.mapped.blank == .ignore { return }
        plan.values[list.mapped.remote] = .list(present + added.map(form.remote))
    }

    private func planSet(_ slots: [PreparedField], shown: [String], said: [String], current: RemoteRecord?, _ plan: inout RemotePlan) {
        func key(_ text: String) -> String { comparable(text, slots[0]) }
        let wanted = Set(shown.map(key)), known = Set(said.map(key))
        if wanted == known { return }
        var free = shown.filter { !known.contains(key($0)) }
        var taken: Set<String> = []
        for (index, slot) in slots.enumerated() {
            let standing = current?.fields[slot.mapped.remote]?.texts.first ?? (index < said.count ? said[index] : nil)
            let local = standing.map(slot.mapped.form.local).flatMap { $0.isEmpty ? nil : $0 }
            if let local, wanted.contains(key(local)), taken.insert(key(local)).inserted { continue }
            if !free.isEmpty {
                plan.values[slot.mapped.remote] = .text(slot.mapped.form.remote(free.removeFirst()))
            } else if local != nil, slot.mapped.blank == .clear {
                plan.values[slot.mapped.remote] = .empty
            }
        }
    }

    private func comparable(_ text: String, _ prepared: PreparedField) -> String {
        prepared.mapped.form.comparable(text, field: prepared.field, now: node.environment.now().rawValue)
    }

    /// Whether what stands there now is what was sent, however it is written.
    func agrees(_ sent: RemoteValue, _ returned: RemoteValue?, _ prepared: PreparedField) -> Bool {
        guard let returned else { return true }
        func keys(_ value: RemoteValue) -> Set<String> {
            Set(value.texts.filter { !$0.trimmingWhitespace.isEmpty }.map { comparable(prepared.mapped.form.local($0), prepared) })
        }
        return keys(sent) == keys(returned)
    }
}
