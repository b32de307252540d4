import ProfileModel

/// What a standard form changed in a value as it was given; the raw values are the codes of its reasons in both languages.
public enum FormChange: String, Sendable, CaseIterable {
    /// White space at the ends or more than one in a row, invisible marks.
    case spaces = "forms.changed.spaces"
    /// Full-width letters, digits and signs.
    case width = "forms.changed.width"
    case letterCase = "forms.changed.case"
    /// The same date written otherwise.
    case date = "forms.changed.date"
    /// The number of a day, as spreadsheets keep dates.
    case spreadsheetDate = "forms.changed.spreadsheet-date"
    /// A day of the lunar calendar, brought to the Gregorian one.
    case lunarDate = "forms.changed.lunar-date"
    /// A telephone number as E.164.
    case phone = "forms.changed.phone"
    case number = "forms.changed.number"
    case money = "forms.changed.money"
    /// The name of a choice instead of a label of it.
    case choice = "forms.changed.choice"
    case region = "forms.changed.region"
    case industry = "forms.changed.industry"
    /// A resident identity number of 15 digits made 18.
    case identity = "forms.changed.identity"
    /// Characters put together otherwise, as Unicode's form C has them; marks that spreadsheets add.
    case characters = "forms.changed.characters"
}

extension StandardForm {
    /// Whether a value was given in its standard form.
    ///
    /// - Complexity: linear; a comparison of bytes for what is kept as text.
    public func isAsGiven(_ raw: UnsafeBufferPointer<UInt8>, _ form: ArraySlice<UInt8>) -> Bool {
        switch type.tag {
        case .integer, .time, .boolean: FieldValue.plainText(of: Array(form)).utf8.elementsEqual(raw)
        default: form.dropFirst().elementsEqual(raw)
        }
    }

    /// Why a value's standard form is not what was given; nothing where it is.
    ///
    /// - Parameters:
    ///   - raw: what was given, in UTF-8.
    ///   - form: canonical bytes that this form made of it.
    /// - Complexity: linear; a comparison where nothing was changed.
    public func changes(from raw: UnsafeBufferPointer<UInt8>, to form: [UInt8]) -> [FormChange] {
        if isAsGiven(raw, form[...]) { return [] }
        let plain = Array(FieldValue.plainText(of: form).utf8)
        var changes: [FormChange] = []
        let text = String(decoding: raw, as: UTF8.self)
        if text.trimmingSpaces().utf8.count < raw.count || text.contains("  ") || text.unicodeScalars.contains(where: FormChange.isInvisible) { changes.append(.spaces) }
        if text.unicodeScalars.contains(where: { NarrowText.narrow($0.value) != $0.value }), type != .text, type != .region { changes.append(.width) }
        // What was done beyond that, by what the field holds.
        var narrowed = String(String.UnicodeScalarView(text.unicodeScalars.compactMap { FormChange.isInvisible($0) ? nil : Unicode.Scalar(NarrowText.narrow($0.value)) }))
        narrowed = narrowed.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if narrowed.utf8.elementsEqual(plain) || text.trimmingSpaces().utf8.elementsEqual(plain) { return changes }
        changes.append(change(from: narrowed, to: plain))
        return changes
    }

    private func change(from text: String, to plain: [UInt8]) -> FormChange {
        switch type {
        case .date, .time:
            let digits = text.prefix { $0.isNumber && $0.isASCII }
            if type == .date, digits.count == 5 { return .spreadsheetDate }
            if type == .date, text.utf8.withContiguousStorageIfAvailable({ ChineseDate($0)?.isLunar }) ?? nil == true { return .lunarDate }
            return .date
        case .phone: return .phone
        case .money: return .money
        case .integer, .decimal: return .number
        case .choice, .boolean: return .choice
        case .region: return .region
        case .industry: return .industry
        case .code where scheme == .residentIdentity && plain.count == 18 && text.utf8.count == 15: return .identity
        case .text, .email, .url, .code:
            return text.lowercased().utf8.elementsEqual(String(decoding: plain, as: UTF8.self).lowercased().utf8) ? .letterCase : .characters
        }
    }
}

extension FormChange {
    fileprivate static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        if case .ignorable = ScalarClass(scalar.value) { return true }
        return false
    }
}
