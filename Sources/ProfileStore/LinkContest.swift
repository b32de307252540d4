public import Causality
internal import GRDB
internal import ProfileModel

/// A link on which people contradict each other: some say yes and some no, or what people call the same joins two records
/// that a person keeps apart.
public struct LinkContest: Sendable {
    /// The link's row.
    public let id: RowID
    /// The records that are one by one word and two by another.
    public let pair: RecordPair
    /// Whether the records are one profile meanwhile.
    public let isSame: Bool
    /// What people say of the two records, and then the yeses that join them by way of others.
    public let candidates: [Saying]

    /// A person's word on two records.
    public struct Saying: Sendable {
        public let pair: RecordPair
        public let write: Write
    }

    /// The contest of one link among all links around it; nil where people agree.
    init?(_ link: LinkReading, among links: [LinkReading], partition: ProfilePartition) {
        let people = link.people
        guard !people.isEmpty else { return nil }
        var way: [RecordPair] = []
        if people.contains(where: { $0.write.value != FieldValue.linkYes }) {
            way = ProfilePartition.way(between: link.pair, by: links.compactMap(\.verdict)) ?? []
        }
        let isContradicted = Set(people.map(\.write.value)).count > 1
        guard isContradicted || !way.isEmpty else { return nil }
        id = link.id
        pair = link.pair
        isSame = partition[link.pair.first].contains(link.pair.second)
        func sayings(_ link: LinkReading) -> [Saying] { link.people.map { Saying(pair: link.pair, write: $0.write) } }
        let joining = links.filter { way.contains($0.pair) }.flatMap(sayings).filter { $0.write.value == FieldValue.linkYes }
        candidates = sayings(link).sorted { Write.precedes($1.write, $0.write) } + joining.sorted { $0.pair < $1.pair }
    }
}

extension StoreReader {
    /// The contest of the link with this id; nil where people agree on it.
    public func linkContest(_ id: RowID) throws -> LinkContest? {
        guard let row = try row(id), row.kind == .link, let link = try linkReading(row) else { return nil }
        let links = try linkReadings(around: [link.pair.first, link.pair.second])
        return LinkContest(link, among: links, partition: ProfilePartition(links.compactMap(\.verdict)))
    }

    /// The contested links between records of a profile, or from one of them to another profile.
    public func contestedLinks(of profile: RowID) throws -> [ContestedCell] {
        let members = Set(try linkedMembers(of: profile))
        let touching = Set(try members.flatMap { try links(of: $0) }.map(\.id))
        return try contestedCells(kinds: [.link]).filter { touching.contains($0.profile) }
    }
}

extension StoreWriter {
    /// Brings the list of conflicts in line with what these links say.
    func settleLinks(_ links: [LinkReading], _ partition: ProfilePartition) throws {
        for link in links {
            try database.execute(sql: "DELETE FROM contested WHERE profile = ?", arguments: [link.id.data])
            guard LinkContest(link, among: links, partition: partition) != nil else { continue }
            try database.execute(
                sql: "INSERT INTO contested (profile, field, kind) VALUES (?, ?, ?)",
                arguments: [link.id.data, Int64(bitPattern: FieldID.same.rawValue), ContestKind.link.rawValue])
        }
    }
}
