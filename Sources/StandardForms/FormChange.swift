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
    /// The same where days are counted from 1904.
    case spreadsheetDateSince1904 = "forms.changed.spreadsheet-date-1904"
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
        if !isWrittenAsText { return FieldValue.plainText(of: Array(form)).utf8.elementsEqual(raw) }
        return form.count == raw.count + 1 && form.withUnsafeBufferPointer { $0.dropFirst().elementsEqual(raw) }
    }

    /// Whether canonical bytes are a tag and the text that people read.
    private var isWrittenAsText: Bool {
        switch type.tag {
        case .integer, .time, .boolean: false
        default: true
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
        if isOtherCaseAlone(raw, form) { return StandardForm.otherCase }
        let plain = isWrittenAsText ? Array(form.dropFirst()) : Array(FieldValue.plainText(of: form).utf8)
        let regular = RegularText(raw)
        var changes: [FormChange] = []
        if regular.hadOtherSpaces { changes.append(.spaces) }
        if regular.hadOtherWidths, type != .text, type != .region { changes.append(.width) }
        // What was done beyond that, by what the field holds.
        if regular.bytes == plain { return changes }
        if regular.hadOtherWidths, String(decoding: raw, as: UTF8.self).trimmingSpaces().utf8.elementsEqual(plain) { return changes }
        changes.append(change(from: regular.bytes, to: plain))
        return changes
    }

    private static let otherCase: [FormChange] = [.letterCase]

    /// Whether a text of visible ASCII differs in its capital letters alone: the quick answer for most addresses of mail.
    private func isOtherCaseAlone(_ raw: UTF8Bytes, _ form: [UInt8]) -> Bool {
        switch type {
        case .text, .email, .url: break
        default: return false
        }
        guard raw.count == form.count - 1 else { return false }
        return form.withUnsafeBufferPointer { form in
            for index in raw.indices {
                let byte = raw[index], made = form[index + 1]
                guard byte &- 0x21 < 0x5E, byte == made || (byte ^ made == 0x20 && (byte | 0x20) &- UInt8(ascii: "a") < 26) else { return false }
            }
            return true
        }
    }

    private func change(from text: [UInt8], to plain: [UInt8]) -> FormChange {
        switch type {
        case .date, .time:
            if type == .date, text.prefix(while: { $0 &- UInt8(ascii: "0") < 10 }).count == 5 {
                return spreadsheetDates == .since1904 ? .spreadsheetDateSince1904 : .spreadsheetDate
            }
            if type == .date, text.withUnsafeBufferPointer({ ChineseDate($0)?.isLunar }) == true { return .lunarDate }
            return .date
        case .phone: return .phone
        case .money: return .money
        case .integer, .decimal: return .number
        case .choice, .boolean: return .choice
        case .region: return .region
        case .industry: return .industry
        case .code where scheme == .residentIdentity && plain.count == 18 && text.count == 15: return .identity
        case .text, .email, .url, .code:
            return FormChange.differInCaseAlone(text, plain) ? .letterCase : .characters
        }
    }
}

extension FormChange {
    fileprivate static func differInCaseAlone(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        if a.count == b.count, zip(a, b).allSatisfy({ $0 == $1 || ($0 ^ $1 == 0x20 && ($0 | 0x20) &- UInt8(ascii: "a") < 26) }) { return true }
        return String(decoding: a, as: UTF8.self).lowercased().utf8.elementsEqual(String(decoding: b, as: UTF8.self).lowercased().utf8)
    }
}

/// A text in ASCII widths with single spaces inside and none around, without invisible marks; and what of that it was not before.
private struct RegularText {
    private(set) var bytes: [UInt8] = []
    /// Whether there were spaces at the ends, several in a row, or invisible marks.
    private(set) var hadOtherSpaces = false
    private(set) var hadOtherWidths = false

    private var spaces = 0

    init(_ raw: UTF8Bytes) {
        bytes.reserveCapacity(raw.count)
        var index = 0
        while index < raw.count {
            if raw[index] &- 0x21 < 0x5E {
                endSpaces()
                bytes.append(raw[index])
                index += 1
                continue
            }
            guard let scalar = raw.scalar(at: &index) else { break }
            let narrow = NarrowText.narrow(scalar)
            if narrow != scalar { hadOtherWidths = true }
            switch ScalarClass(narrow) {
            case .ignorable: hadOtherSpaces = true
            case .space, .lineBreak:
                spaces += 1
                if spaces > 1 || bytes.isEmpty { hadOtherSpaces = true }
            case .visible, .control:
                endSpaces()
                bytes.append(scalar: narrow)
            }
        }
        if spaces > 0 { hadOtherSpaces = true }
    }

    private mutating func endSpaces() {
        if spaces > 0, !bytes.isEmpty { bytes.append(0x20) }
        spaces = 0
    }
}
