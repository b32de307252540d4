public import Causality
internal import GRDB
internal import NodeEnvironment
public import ProfileModel
internal import WireFormat

/// One write transaction of a store; valid only within the access that gave it.
public final class StoreWriter: StoreReader {
    var facts: StoreFacts
    private var present: Node?
    private(set) var tables: RowTables
    /// Rows that the transaction has read and not changed since.
    private var rowsAtHand: [RowID: StoredRow] = [:]
    /// The customer that was made last.
    private var justMade: (id: RowID, ordinal: Int64)?
    /// What an import was given for customers that it makes, and the last of these.
    var givenPage: GivenPage?, lastGiven: Int64 = 0
    private var sumChanges = SumChanges()
    /// Profiles that changed, and the state of those that are one record alone.
    var touchedProfiles: [RowID: CompactRow?] = [:]
    private var sharing: Set<RecordPair> = []
    var searchRemovals = SearchRemovals()
    /// Rows that may go, because what is said of them is held where they belong now.
    var dueRows: [RowID: RowKind] = [:]
    var erasures = ErasureWriting()
    var operationLog = OperationLog()

    init(database: Database, store: ProfileStore, knowing facts: StoreFacts, _ tables: RowTables) {
        self.facts = facts
        self.tables = tables
        super.init(database: database, store: store)
        if let node = facts.node { keepNode(node) }
    }

    // MARK: The transaction's frame

    /// Makes a new store what `founding` says.
    func found(_ founding: ProfileStore.Founding) throws {
        try database.execute(
            sql: """
                INSERT INTO node (single, deployment, key_first, key_second, id, name, author, scopes, machine, feed, sequence, indexed, sums)
                VALUES (1, ?, ?, ?, ?, ?, ?, ?, '', 0, 0, 0, x'')
                """,
            arguments: [
                founding.deployment.data, Int64(bitPattern: founding.key.first), Int64(bitPattern: founding.key.second),
                founding.node.data, founding.name, founding.author, founding.scopes.joined(separator: "\n"),
            ])
        try insertLife(.founded, afterFeed: 0)
        try database.execute(sql: "UPDATE node SET machine = ?", arguments: [store.place.text])
        try begin()
    }

    var environment: any NodeEnvironment { store.environment }

    /// Reads the counters, and begins a new life where the store was copied to another machine or file; whether it did.
    @discardableResult
    func begin() throws -> Bool {
        present = try super.node()
        if try !store.place.is(node().machine) {
            try beginLife(.moved)
        } else if try isBehindWitness() {
            try beginLife(.behind)
        } else {
            return false
        }
        return true
    }

    override public func node() throws -> Node { try present ?? super.node() }

    /// What every row asks of the node: all of it is much to copy.
    var nodeKey: HashKey {
        guard let key = present?.key else { preconditionFailure("a write happens within a begun transaction") }
        return key
    }
    var nodeOrigin: Origin {
        guard let origin = present?.origin else { preconditionFailure("a write happens within a begun transaction") }
        return origin
    }
    func holdsAllScopes() throws -> Bool { try present?.held.isWhole ?? super.node().held.isWhole }
    func isIndexed(_ ordinal: Int64) throws -> Bool { try ordinal <= Int64(bitPattern: present?.indexed ?? super.node().indexed) }

    /// Begins a new life of this store: from here on it writes under a new origin.
    ///
    /// The row that describes this node lists the new origin.
    public func beginLife(_ reason: StoreLife.Reason) throws {
        let feed = try node().feed
        try insertLife(reason, afterFeed: feed)
        try forgetTickets()
        try forgetLetGo()
        try database.execute(
            sql: "UPDATE node SET sequence = 0, machine = ?", arguments: [store.place.text])
        forgetNode()
        present = try super.node()
        present?.feed = feed
        try announceLives()
    }

    /// Tells the witness, once the transaction is on disk.
    func tellWitness() throws {
        guard let present else { return }
        WitnessFile(folder: environment.stateFolder, node: present.id, storePath: store.path)?
            .write(life: present.origin, sequence: present.sequence)
    }

    /// Writes what the transaction counted and derived.
    func finish() throws {
        try evictDue()
        try linkSharing()
        try reviewBereft()
        try settleProfiles()
        try settleSearch()
        try settleOperations()
        try settleGiven()
        guard present != nil else { return }
        defer { facts.node = present }
        present!.waitingSums = try sumChanges.settled(present!.waitingSums, in: database)
        guard try present!.hasMoved(since: super.node()) else { return }
        let update = try RawStatement(database, sql: "UPDATE node SET feed = ?, sequence = ?, indexed = ?, sums = ?")
        update.bind(1, Int64(bitPattern: present!.feed))
        update.bind(2, Int64(bitPattern: present!.sequence))
        update.bind(3, Int64(bitPattern: present!.indexed))
        update.bind(4, blob: present!.waitingSums)
        try update.run()
    }

    /// Marks customers up to this ordinal as indexed.
    func setIndexed(_ ordinal: UInt64) { present?.indexed = ordinal }

    /// The next dot of this node's present life.
    public func nextDot() -> Dot {
        guard present != nil else { preconditionFailure("a write happens within a begun transaction") }
        present!.sequence += 1
        return Dot(origin: present!.origin, sequence: present!.sequence)
    }

    // MARK: Rows

    func table(_ kind: RowKind) throws -> RowTable {
        if kind.isCustomer {
            if let known = tables.customers { return known }
            let table = try RowTable(.customers, headers: store.headers, key: node().key, in: database)
            tables.customers = table
            return table
        }
        if let known = tables.items { return known }
        let table = try RowTable(.items, headers: store.headers, key: node().key, in: database)
        tables.items = table
        return table
    }

    override public func row(_ id: RowID) throws -> StoredRow? { try row(id, like: .person) ?? row(id, like: .event) }

    override public func row(_ id: RowID, like kind: RowKind) throws -> StoredRow? {
        if let row = rowsAtHand[id], row.kind.isCustomer == kind.isCustomer { return row }
        let row = try table(kind).row(id)
        if let row { keepAtHand(row) }
        return row
    }

    override func mayHold(_ kind: RowKind) throws -> Bool {
        if let known = facts.isHeld[kind] { return known }
        let found = try database.holds("SELECT 1 FROM item_rows WHERE kind = ? AND kind <> 3 LIMIT 1", [Int64(kind.rawValue)])
        facts.isHeld[kind] = found
        return found
    }

    override public func items(_ kind: RowKind, owner: RowID? = nil) throws -> [StoredRow] {
        if kind != .event, try !mayHold(kind) { return [] }
        return try super.items(kind, owner: owner)
    }

    override func mayHoldAliases() throws -> Bool {
        if let known = facts.hasAliases { return known }
        let found = try database.holds("SELECT 1 FROM aliases LIMIT 1")
        facts.hasAliases = found
        return found
    }

    override func rows(fitting references: [RowReference]) throws -> [[StoredRow]] {
        let found = try super.rows(fitting: references)
        for rows in found { for row in rows { keepAtHand(row) } }
        return found
    }

    /// So many rows are kept at hand.
    private static let rowsAtHandMaximum = 4_096

    private func keepAtHand(_ row: StoredRow) {
        if rowsAtHand.count >= StoreWriter.rowsAtHandMaximum { rowsAtHand = [:] }
        rowsAtHand[row.id] = row
    }

    /// Has a row read again that is not what was read before.
    func forgetRow(_ id: RowID) { rowsAtHand[id] = nil }

    /// The ordinal of a customer that no other was made after.
    func ordinalIfJustMade(_ id: RowID) -> Int64? { justMade?.id == id ? justMade?.ordinal : nil }

    /// The row with this id in the other table than the one of `kind`, where one of both is of a kind that this version does not
    /// know: it may be the customer that a later version makes of the same external id.
    func rowOfAnotherTable(_ id: RowID, than kind: RowKind) throws -> StoredRow? {
        if !kind.isKnown { return try row(id, like: .person) }
        guard kind.isCustomer else { return nil }
        if facts.hasUnknownKinds == nil {
            facts.hasUnknownKinds = try database.holds("SELECT 1 FROM item_rows WHERE kind > ? AND kind <> 3 LIMIT 1", [Int64(RowKind.highestKnown.rawValue)])
        }
        guard facts.hasUnknownKinds == true, let row = try row(id, like: .event), !row.kind.isKnown else { return nil }
        return row
    }

    /// Takes a row out of the table in which it stood before its kind was told.
    private func remove(_ old: StoredRow) throws {
        try database.run("DELETE FROM item_rows WHERE ordinal = ?", [old.ordinal])
        count(old.compact.fingerprint(id: old.id, kind: old.kind.rawValue, key: nodeKey), of: old.id, rows: -1, in: old.scope, adding: false)
    }

    /// Writes a row's new state, gives it the next feed number, and keeps all that is derived from it.
    ///
    /// - Parameters:
    ///   - old: the row as it stands in the store; nil where it is new.
    ///   - via: the neighbour from which exactly this state came.
    /// - Throws: `store.row-too-large` where the row is over 512 KiB.
    public func put(_ compact: CompactRow, id: RowID, kind: RowKind, replacing old: StoredRow?, via: Int64? = nil) throws {
        if compact.wireSizeBytes > FrameLimits.standard.rowBytesMaximum { throw StoreError.rowTooLarge(id.description) }
        if old == nil { try refuseErased(compact, id: id, kind: kind) }
        let key = nodeKey
        forgetRow(id)
        var old = old
        if let found = old, kind.isCustomer, !found.kind.isCustomer {
            try remove(found)
            old = nil
        }
        if !kind.isKnown { facts.hasUnknownKinds = true }
        if !kind.isCustomer, facts.isHeld[kind] != true { facts.isHeld[kind] = true }
        let feed = try nextFeed()
        var derived = RowTable.Derived()
        if kind.isCustomer {
            derived.life = life(of: compact, id: id, key: key)
            derived.profile = try old == nil ? profileOnArrival(id) : old?.profile
        } else {
            derived = try itemColumns(compact, id: id, kind: kind)
        }
        let places = try places(of: compact, id: id, kind: kind, derived: derived)
        let oldPlaces = try old.map { try placesHeldBefore($0) }, placeBefore = try kind.isCustomer ? placeBefore(id, old) : nil
        if kind.isCustomer, let old, !old.isSearched(as: compact, life: derived.life) { try unindex(old) }
        try table(kind).put(compact, id: id, kind: kind, scope: places.first, feed: feed, via: via, derived: derived, replacing: old)
        if kind.isCustomer, old == nil {
            let ordinal = database.lastInsertedRowID
            justMade = (id, ordinal)
            try noteUnindexed(ordinal)
        }
        let fingerprint = compact.fingerprint(id: id, kind: kind.rawValue, key: key)
        count(fingerprint, of: id, rows: 1, in: places.first, adding: true)
        if let second = places.second { count(fingerprint, of: id, rows: 1, in: second, adding: true) }
        if let old, let oldPlaces {
            let fingerprint = old.compact.fingerprint(id: id, kind: old.kind.rawValue, key: key)
            for place in oldPlaces.all { count(fingerprint, of: id, rows: -1, in: place, adding: false) }
        }
        if kind.isCustomer {
            try keepAliases(compact, id: id, old: old)
            if let profile = derived.profile {
                touch(profile: profile)
            } else if compact.mayBeContestedAlone || old?.compact.mayBeContestedAlone ?? false {
                if touchedProfiles[id] != .some(nil) { touchedProfiles[id] = compact }
            }
            if old == nil {
                try attachWaiting(to: id, compact)
                try noteSharing(arrival: id)
            }
        } else if kind == .link {
            try relink(around: id, old.map { try itemColumns($0.compact, id: id, kind: kind) }, derived)
        } else if kind == .affiliation {
            try settleAffiliation(compact, id: id, life: derived.life)
        } else if kind == .sourceOrder {
            forgetSourceOrder()
        } else if kind == .erasure {
            try applyErasure(compact, id: id)
        }
        if kind.isCustomer { try moveBelongings(of: id, from: placeBefore, to: places.first) }
        try keepTerritory(of: compact, id: id, kind: kind, places: places, isOwn: via == nil)
    }

    /// The next feed number.
    func nextFeed() throws -> UInt64 {
        guard present != nil else { preconditionFailure("a write happens within a begun transaction") }
        present!.feed += 1
        return present!.feed
    }

    /// Where a row counts that is about to be replaced.
    private func placesHeldBefore(_ old: StoredRow) throws -> Places {
        guard old.kind.isBetweenCustomers else { return Places(first: old.scope) }
        var places = try places(old)
        places.first = old.scope
        return places
    }

    /// Takes other scopes as those that this node holds.
    func setScopes(_ scopes: [String]) throws {
        try database.execute(sql: "UPDATE node SET scopes = ?, scopes_epoch = scopes_epoch + 1", arguments: [scopes.joined(separator: "\n")])
        present?.scopes = scopes
        present?.scopesEpoch += 1
        forgetNode()
    }

    /// Takes other scopes as those that this node has left, and of which it may still have rows.
    func setLeaving(_ scopes: ScopeSet) throws {
        try database.execute(sql: "UPDATE node SET leaving = ?", arguments: [scopes.column])
        present?.leaving = scopes
        forgetNode()
    }

    /// Brings profiles in line with a link that is gone.
    func relinkAround(_ link: StoredRow) throws {
        let old = try itemColumns(link.compact, id: link.id, kind: .link)
        try relink(around: link.id, old, old)
    }

    func count(_ fingerprint: Digest128, of id: RowID, rows: Int, in scope: Int64, adding: Bool) {
        sumChanges.count(adding ? fingerprint : .zero &- fingerprint, of: SumCell(of: id), rows: rows, in: scope)
    }

    // MARK: Scopes

    /// The scope of rows that were never given one.
    public static let rootScope = ScopeSet.root

    /// What a row says of its own scope; nil where it was never given one.
    func scopeRegister(_ compact: CompactRow, id: RowID) -> String? {
        let field = FieldID.scope.rawValue
        var value: [UInt8]?
        if let exception = compact.exceptions.first(where: { $0.key.field == field }) {
            let reading = CellReading(
                writes: exception.writes.map { Candidate(record: id, write: $0) }, key: nodeKey)
            value = reading.latest?.write.value
        } else {
            value = compact.plain.value(of: field)
        }
        return value.map { FieldValue.plainText(of: $0) }
    }

    func scopeNumber(_ name: String) throws -> Int64 {
        if let known = facts.scopeNumbers[name] { return known }
        if name != ScopeSet.root, name != ScopeSet.shared { facts.isPlain = false }
        let statement = try RawStatement(database, sql: "SELECT ordinal FROM scopes WHERE name = ?")
        defer { statement.reset() }
        statement.bind(1, text: name)
        let number: Int64
        if try statement.step() {
            number = statement.int64(0)
        } else {
            try database.execute(sql: "INSERT INTO scopes (name) VALUES (?)", arguments: [name])
            number = database.lastInsertedRowID
        }
        facts.scopeNumbers[name] = number
        return number
    }

    // MARK: Life

    /// 0 living, 1 deleted, 2 contested, 3 vacant.
    func life(of compact: CompactRow, id: RowID, key: HashKey) -> Int64 {
        let saysSomething = compact.plain.indices.last.map { compact.plain.field(at: $0) > FieldID.scope.rawValue } ?? false
        if compact.exceptions.isEmpty { return saysSomething ? 0 : 3 }
        if compact.exceptions.contains(where: { $0.key.field == FieldID.life.rawValue }) {
            switch Life(of: Member(record: id, state: compact.expanded), cell: CellKey(field: FieldID.life.rawValue), key: key) {
            case .deleted: return 1
            case .conflict: return 2
            case .living: break
            }
        }
        let isVacant = !saysSomething
            && !compact.exceptions.contains { $0.key.field > FieldID.scope.rawValue && $0.writes.contains { $0.value != nil } }
        return isVacant ? 3 : 0
    }

    // MARK: What follows from a row

    private func keepAliases(_ compact: CompactRow, id: RowID, old: StoredRow?) throws {
        let field = FieldID.externalIDs.rawValue
        if let old, old.compact.holdsSame(in: field, as: compact) { return }
        var found = compact.plain.elements(of: field)
        for exception in compact.exceptions where exception.key.field == field && exception.writes.contains(where: { $0.value != nil }) {
            found.append(exception.key.element)
        }
        if found.count < 2, old == nil, found.first.map({ natural($0) == id }) ?? true { return }
        try database.run("DELETE FROM aliases WHERE record = ?", [id.data])
        for element in found {
            let natural = natural(element)
            if natural != id {
                try database.execute(sql: "INSERT OR IGNORE INTO aliases (id, record) VALUES (?, ?)", arguments: [natural.data, id.data])
                facts.hasAliases = true
                if try table(.person).row(natural) != nil { sharing.insert(RecordPair(natural, id)) }
            }
        }
    }

    /// Notes the records that already hold the external id from which a new record has its id.
    private func noteSharing(arrival id: RowID) throws {
        guard try mayHoldAliases() else { return }
        for row in try Row.fetchAll(database, sql: "SELECT record FROM aliases WHERE id = ?", arguments: [id.data]) {
            sharing.insert(RecordPair(id, try row.id("record")))
        }
    }

    /// The source that says which records are one: because they share an external id or an official code, or by a model.
    public static let linkerName = "linker"

    /// Links records that share an external id, where no link speaks of them yet.
    private func linkSharing() throws {
        guard !sharing.isEmpty else { return }
        let header = Header(
            stamp: environment.now(), author: StoreWriter.linkerName, source: StoreWriter.linkerName, operation: environment.newID())
        for pair in sharing.sorted() {
            let id = try linkID(pair)
            if try table(.link).row(id) != nil { continue }
            try prepareToWrite(in: id, knowing: nil)
            let cells: [(FieldID, [UInt8])] = [
                (.same, FieldValue.linkYes), (.first, FieldValue.bytes(text: pair.first.description)),
                (.second, FieldValue.bytes(text: pair.second.description)),
            ]
            let plain = PlainCells(cells.map { CompactRow.PlainCell(key: CellKey(field: $0.rawValue), value: $1) })
            try put(CompactRow(base: .init(dot: nextDot(), header: header), plain: plain), id: id, kind: .link, replacing: nil)
        }
        sharing = []
    }

    func natural(_ element: [UInt8]) -> RowID {
        .customer(externalID: element, hashKey: nodeKey)
    }

    /// The profile that links already give to a record that arrives only now.
    private func profileOnArrival(_ id: RowID) throws -> RowID? {
        guard try mayHold(.link) else { return nil }
        let members = try partition(around: id)[id]
        return members.count > 1 ? members[0] : nil
    }

    private func attachWaiting(to id: RowID, _ compact: CompactRow) throws {
        if facts.hasWaiting == nil {
            facts.hasWaiting = try database.holds("SELECT 1 FROM item_rows WHERE waiting IS NOT NULL LIMIT 1")
        }
        guard facts.hasWaiting == true else { return }
        for cell in compact.plain where FieldID(rawValue: cell.key.field).isReference {
            let name = FieldCatalogue.standard[FieldID(rawValue: cell.key.field)]?.name ?? ""
            try database.execute(
                sql: "UPDATE item_rows SET owner = ?, waiting = NULL WHERE waiting = ?",
                arguments: [id.data, "\(name):\(FieldValue.plainText(of: cell.key.element))"])
        }
    }

    func noteWaiting() { facts.hasWaiting = true }

    /// Brings the profiles around a link's two records in line with all links.
    ///
    /// - Parameter old: what the link named before, which it may name no more.
    private func relink(around link: RowID, _ old: RowTable.Derived?, _ new: RowTable.Derived) throws {
        // A link that names no records any more is not found around them.
        try database.run("DELETE FROM contested WHERE profile = ?", [link.data])
        let named = [old?.owner, old?.other, new.owner, new.other].compactMap(\.self)
        let links = try linkReadings(around: named)
        let partition = ProfilePartition(links.compactMap(\.verdict))
        try settleLinks(links, partition)
        for record in Set(named).union(links.flatMap { [$0.pair.first, $0.pair.second] }) {
            let members = partition[record]
            let profile = members.count > 1 ? members[0] : nil
            if let row = try Row.fetchOne(database, sql: "SELECT profile FROM customer_rows WHERE id = ?", arguments: [record.data]) {
                let before = try row.optionalID("profile")
                for touched in [before, profile, record].compactMap(\.self) { touch(profile: touched) }
                try database.execute(
                    sql: "UPDATE customer_rows SET profile = ? WHERE id = ?", arguments: [profile?.data, record.data])
                forgetRow(record)
            }
        }
    }
}
