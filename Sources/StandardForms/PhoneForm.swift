internal import CPhoneNumber

/// Telephone numbers, as E.164 where the country is known; without one, Chinese patterns are tried.
///
/// Numbers of other countries are read by libphonenumber, which knows their trunk prefixes and lengths; what is already plain
/// E.164 is taken as it is, and Chinese numbers by their own patterns, which are younger than the library and 20 times as fast.
///
/// A mobile number of China is `+8613800138000`, a landline `+861062781234`, an extension follows as `;ext=123`
/// (RFC 3966). Other numbers of 5 to 15 digits, such as 95588 or 4008108888, stay digits.
extension StandardForm {
    func appendPhone(_ bytes: UTF8Bytes, to output: inout [UInt8]) throws(FormProblem.Reason) {
        if appendWholeNumber(bytes, to: &output) { return }
        var number = try PhoneNumber(bytes)
        guard let isInternational = number.standardize() else { throw .notAPhone }
        if isInternational { output.append(0x2B) }
        output.append(contentsOf: number.digits)
        if !number.extensionDigits.isEmpty {
            output.append(contentsOf: ";ext=".utf8)
            output.append(contentsOf: number.extensionDigits)
        }
    }

    /// Appends what is already in E.164: a plus sign and digits, not of China.
    private func appendWholeNumber(_ bytes: UTF8Bytes, to output: inout [UInt8]) -> Bool {
        guard (8...16).contains(bytes.count), bytes[0] == 0x2B, bytes[1] != 48, bytes[1] != 56 else { return false }
        for unit in bytes.dropFirst() where !unit.isDigit { return false }
        output.append(contentsOf: bytes)
        return true
    }
}

/// The digits of a telephone number as they were written.
struct PhoneNumber {
    private(set) var digits: [UInt8] = []
    private(set) var extensionDigits: [UInt8] = []
    private var hasPlus = false
    /// How many digits stand before each hyphen.
    private var hyphens: [Int] = []

    init(_ bytes: UTF8Bytes) throws(FormProblem.Reason) {
        var reader = ByteReader(bytes)
        _ = reader.take("'")
        _ = reader.take("tel:")
        reader.skipSpaces()
        let isBracketed = reader.take("(+")
        hasPlus = isBracketed || reader.take("+")
        while !reader.isAtEnd {
            let unit = reader.next
            if unit.isDigit {
                digits.append(unit)
                guard digits.count <= 24 else { throw .notAPhone }
                reader.index += 1
            } else if unit == 0x2D {
                hyphens.append(digits.count)
                reader.index += 1
            } else if hasPlus, !digits.isEmpty, reader.take("(0)") {
                continue
            } else if unit == 0x2E, digits.count >= 5, endsAsDecimal(reader) {
                return
            } else if unit.isWhiteSpace || unit == 0x28 || unit == 0x29 || unit == 0x2E {
                reader.index += 1
            } else {
                try takeExtension(&reader)
                return
            }
        }
        splitHyphenatedExtension()
    }

    /// Whether the rest is `.0`: a spreadsheet took the number for an amount.
    private func endsAsDecimal(_ reader: ByteReader) -> Bool {
        let rest = reader.bytes[(reader.index + 1)...]
        return !rest.isEmpty && rest.count <= 2 && rest.allSatisfy { $0 == 48 }
    }

    private mutating func takeExtension(_ reader: inout ByteReader) throws(FormProblem.Reason) {
        guard reader.take(anyOf: [";ext=", "extension", "ext", "x", "#", "转", "轉", "分机", "-"]), digits.count >= 5 else {
            throw .notAPhone
        }
        while reader.take(".") || reader.take(":") || reader.take("号") { }
        reader.skipSpaces()
        while reader.next.isDigit {
            extensionDigits.append(reader.next)
            reader.index += 1
        }
        guard reader.isAtEnd, (1...7).contains(extensionDigits.count) else { throw .notAPhone }
    }

    /// `010-62781234-123`: the third part is an extension.
    private mutating func splitHyphenatedExtension() {
        guard !hasPlus, hyphens.count == 2, digits.first == 48, (3...4).contains(hyphens[0]),
            (7...8).contains(hyphens[1] - hyphens[0]), (1...6).contains(digits.count - hyphens[1]) else { return }
        extensionDigits = Array(digits[hyphens[1]...])
        digits.removeSubrange(hyphens[1]...)
    }

    /// Brings the digits into standard form and says whether a country code leads them; nil where it is no number.
    mutating func standardize() -> Bool? {
        if !hasPlus, digits.starts(with: [48, 48]) {
            digits.removeFirst(2)
            hasPlus = true
        }
        if hasPlus {
            guard digits.starts(with: [56, 54]) else { return standardizeForeign() ? true : nil }
            while digits.count > 2, digits[2] == 48 { digits.remove(at: 2) }
            return (7...15).contains(digits.count) ? true : nil
        }
        if digits.count == 11, isMobile(from: 0) { return addCountry(dropping: 0) }
        if digits.count == 12, digits[0] == 48, isMobile(from: 1) { return addCountry(dropping: 1) }
        if digits.count == 13, digits.starts(with: [56, 54]), isMobile(from: 2) { return true }
        if isLandline { return addCountry(dropping: 1) }
        return (5...15).contains(digits.count) ? false : nil
    }

    /// Brings digits that begin with another country's code into E.164, as that country writes its numbers; whether it has
    /// numbers of this length.
    private mutating func standardizeForeign() -> Bool {
        let written: [UInt8] = [0x2B] + digits
        digits = [UInt8](unsafeUninitializedCapacity: 20) { buffer, count in
            count = written.withUnsafeBytes { limn_phone_number_e164($0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count, buffer.baseAddress!) }
        }
        return (7...15).contains(digits.count)
    }

    private mutating func addCountry(dropping count: Int) -> Bool {
        digits.replaceSubrange(0..<count, with: [56, 54])
        return true
    }

    private func isMobile(from start: Int) -> Bool { digits[start] == 49 && digits[start + 1] >= 51 }

    /// Whether an area code of China (010, 02x with 8 digits; 03xx to 09xx with 7 or 8) leads a number that can be dialled.
    private var isLandline: Bool {
        guard (11...12).contains(digits.count), digits[0] == 48, digits[1] != 48 else { return false }
        let isShort = digits[1] == 50 || digits[1] == 49 && digits[2] == 48
        let local = isShort ? 3 : 4
        guard isShort ? digits.count == 11 : digits[1] >= 51 else { return false }
        return (50...56).contains(digits[local])
    }
}
