public import Causality
internal import ProfileModel
internal import ProfileStore
internal import RuleLanguage

extension Node {
    /// The living customers that an expression finds, or free text (part of a name, telephone number, e-mail address or
    /// code), in the order of their ids.
    ///
    /// - Complexity: linear in the customers: each is read and asked.
    /// - Throws: `rules.*` where the expression cannot be read.
    public func matching(_ text: String) throws -> [RowID] {
        let catalogue = try fields().catalogue
        let query = try Query.parse(text)
        var found: [RowID] = []
        switch query {
        case .expression(let expression):
            let checked = try expression.check(against: CatalogueLookup(catalogue: catalogue))
            let amounts = Set(catalogue.fields.filter { $0.type == .money }.map(\.name))
            try exportProfiles { profile in
                if checked.evaluate({ profile.texts($0, isAmount: amounts.contains($0)) }) { found.append(profile.id) }
            }
        case .freeText(let words):
            try exportProfiles { if $0.holds(words) { found.append($0.id) } }
        }
        return found
    }
}

private struct CatalogueLookup: FieldLookup {
    let catalogue: FieldCatalogue

    var fieldNames: [String] { catalogue.fields.flatMap { [$0.name, $0.labelEnglish, $0.labelChinese] } }

    func field(named name: String) -> KnownField? {
        guard let field = catalogue[name] ?? catalogue.field(titled: name) else { return nil }
        if field.isSet { return KnownField(field.name, .set) }
        return switch field.type {
        case .integer, .decimal, .money: KnownField(field.name, .number)
        case .date, .time: KnownField(field.name, .date)
        case .boolean: KnownField(field.name, .boolean)
        default: KnownField(field.name, .text)
        }
    }
}

extension ExportedProfile {
    /// The texts of a field as an expression reads them; of an amount its number.
    fileprivate func texts(_ field: String, isAmount: Bool) -> [String] {
        switch field {
        case "tags": tags
        case "external_ids": externalIDs
        case "scope": [scope]
        default: (values[field] ?? []).map { isAmount ? String($0.prefix { $0 != " " }) : $0 }
        }
    }

    fileprivate func holds(_ words: String) -> Bool {
        let wanted = words.lowercased()
        return ["name", "short_name", "phone", "email", "wechat", "code"].contains { field in
            values[field]?.contains { $0.lowercased().contains(wanted) } ?? false
        }
    }
}
