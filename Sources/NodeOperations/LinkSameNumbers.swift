internal import Causality
internal import ProfileModel
internal import ProfileStore
internal import RecordLinkage
internal import StandardForms

/// The numbers that an authority gives to one customer: who has the same is the same. A phone or an address of mail never suffices.
struct OfficialNumber {
    let kind: RowKind
    let field: String
    let value: String

    /// More records than this with one number are none's: somebody filled a column with it.
    static let recordsMaximum = 30

    private static let nationalID = FieldCatalogue.standard["national_id"]!.id.rawValue
    private static let creditCode = FieldCatalogue.standard["credit_code"]!.id.rawValue

    /// The number that a row of a table says, where its check digit holds.
    init?(_ row: ImportedRow) {
        kind = row.kind
        func text(_ field: UInt64) -> String? { row.content.cells.value(of: field).map { FieldValue.plainText(of: $0) } }
        if kind == .person, let text = text(OfficialNumber.nationalID), ResidentIdentity(text)?.number == text {
            (field, value) = ("national_id", text)
        } else if kind == .organization, let text = text(OfficialNumber.creditCode), CreditCode(text)?.code == text {
            (field, value) = ("credit_code", text)
        } else {
            return nil
        }
    }
}

extension LinkerHand {
    /// Links a record with the others that have its number, unless a person keeps them apart.
    ///
    /// - Returns: how many links were made.
    func link(_ record: RowID, sharing number: OfficialNumber) throws -> Int {
        let writer = edition.writer
        let found = try writer.livingCustomers(number.kind, with: number.value, in: number.field, limit: OfficialNumber.recordsMaximum + 1)
        guard found.count > 1, found.count <= OfficialNumber.recordsMaximum else { return 0 }
        var linked = 0
        for other in found where other != record {
            let verdicts = try writer.verdicts(aroundMembers: [record, other])
            let partition = ProfilePartition(verdicts), ours = partition[record], theirs = partition[other]
            let isKeptApart = verdicts.contains { verdict in
                verdict.byPerson && !verdict.isSame
                    && (ours.contains(verdict.pair.first) && theirs.contains(verdict.pair.second)
                        || theirs.contains(verdict.pair.first) && ours.contains(verdict.pair.second))
            }
            if ours == theirs || isKeptApart { continue }
            if try link(RecordPair(record, other), LinkEvidence(sameCode: .officialCode), isSame: true) { linked += 1 }
        }
        return linked
    }
}
