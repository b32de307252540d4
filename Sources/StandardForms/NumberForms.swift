import ProfileModel

/// Integers, decimal numbers and amounts of money.
extension StandardForm {
    /// Appends the eight bytes of an integer: `1200`, `1,200`, `1.2万`, `500人`.
    func appendInteger(_ bytes: UTF8Bytes, to output: inout [UInt8]) throws(FormProblem.Reason) {
        var reader = ByteReader(bytes)
        guard var number = DecimalNumber(&reader) else { throw .notAnInteger }
        reader.skipSpaces()
        number.takeMagnitude(&reader)
        _ = reader.take(anyOf: ["人", "名", "个", "次", "岁", "家", "位", "口", "单"])
        guard reader.isAtEnd, number.scale == 0 else { throw .notAnInteger }
        guard let value = number.wholePart else { throw .outOfRange }
        try checkRange(number)
        output.append(bigEndian: value)
    }

    /// Appends canonical digits: `1,200.50` is `1200.5`, `60%` is `0.6`.
    func appendDecimal(_ bytes: UTF8Bytes, to output: inout [UInt8]) throws(FormProblem.Reason) {
        var reader = ByteReader(bytes)
        guard var number = DecimalNumber(&reader) else { throw .notANumber }
        reader.skipSpaces()
        number.takeMagnitude(&reader)
        if reader.take("%") { number.multiply(byTenTo: -2) }
        guard reader.isAtEnd, number.isShort else { throw .notANumber }
        try checkRange(number)
        number.append(to: &output)
    }

    /// Appends canonical digits, a space and an ISO 4217 code: `¥1,000`, `100万元`, `USD 20`, `20 €`. Without a currency
    /// it is renminbi.
    func appendMoney(_ bytes: UTF8Bytes, to output: inout [UInt8]) throws(FormProblem.Reason) {
        var reader = ByteReader(bytes)
        let before = reader.next.isDigit ? nil : Currency.take(&reader)
        reader.skipSpaces()
        guard var number = DecimalNumber(&reader) else {
            throw reader.next.isLetter && before == nil ? .unknownCurrency : .notAnAmount
        }
        reader.skipSpaces()
        number.takeMagnitude(&reader)
        reader.skipSpaces()
        let after = Currency.take(&reader)
        _ = reader.take("整")
        guard reader.isAtEnd else { throw reader.next.isLetter ? .unknownCurrency : .notAnAmount }
        guard number.isShort, before == nil || after == nil || before == after else { throw .notAnAmount }
        try checkRange(number)
        number.append(to: &output)
        output.append(0x20)
        (before ?? after ?? Currency.renminbi).append(to: &output)
    }

    private func checkRange(_ number: DecimalNumber) throws(FormProblem.Reason) {
        guard let range else { return }
        guard let whole = number.wholePart else { throw .outOfRange }
        let hasFraction = number.scale > 0
        let isHigh = whole > range.upperBound || whole == range.upperBound && hasFraction && !number.isNegative
        let isLow = whole < range.lowerBound || whole == range.lowerBound && hasFraction && number.isNegative
        if isHigh || isLow { throw .outOfRange }
    }
}

/// A decimal number as its digits and the place of its point.
struct DecimalNumber {
    private(set) var isNegative = false
    /// Each 0–9; no zeros at the beginning, none at the end after the point.
    private(set) var digits: [UInt8] = []
    /// How many of the digits stand after the point; never negative.
    private(set) var scale = 0

    static let maximumDigits = 38

    var isShort: Bool { digits.count <= DecimalNumber.maximumDigits && scale <= DecimalNumber.maximumDigits }

    /// Takes a number: a sign, digits (also in groups of three with commas), a point, more digits, an exponent.
    init?(_ reader: inout ByteReader) {
        digits.reserveCapacity(24)
        let minus = reader.take("-")
        if !minus { _ = reader.take("+") }
        reader.skipSpaces()
        guard takeWhole(&reader) else { return nil }
        if reader.next == 0x65 || reader.next == 0x45 {
            reader.index += 1
            let negative = reader.take("-")
            if !negative { _ = reader.take("+") }
            guard let exponent = reader.digits(atMost: 2), !reader.next.isDigit else { return nil }
            multiply(byTenTo: negative ? -Int(exponent.value) : Int(exponent.value))
        }
        trim()
        isNegative = minus && !digits.isEmpty
    }

    private mutating func takeWhole(_ reader: inout ByteReader) -> Bool {
        var group = 0, isGrouped = false, count = 0
        while true {
            if reader.next.isDigit {
                digits.append(reader.next - 48)
                group += 1
                count += 1
            } else if reader.next == 0x2C {
                guard isGrouped ? group == 3 : (1...3).contains(group) else { return false }
                isGrouped = true
                group = 0
            } else {
                break
            }
            guard count <= 2 * DecimalNumber.maximumDigits else { return false }
            reader.index += 1
        }
        if isGrouped && group != 3 { return false }
        guard reader.take(".") else { return count > 0 }
        guard reader.next.isDigit else { return false }
        while reader.next.isDigit, digits.count <= 2 * DecimalNumber.maximumDigits {
            digits.append(reader.next - 48)
            scale += 1
            reader.index += 1
        }
        return true
    }

    /// Takes words such as 万 or 亿, and multiplies by them.
    mutating func takeMagnitude(_ reader: inout ByteReader) {
        guard !reader.isAtEnd else { return }
        var power = 0
        while power < 16 {
            if reader.take("万") || reader.take("萬") {
                power += 4
            } else if reader.take("亿") || reader.take("億") {
                power += 8
            } else if reader.take("千") {
                power += 3
            } else if reader.take("百") {
                power += 2
            } else if reader.take("十") {
                power += 1
            } else {
                break
            }
        }
        multiply(byTenTo: power)
    }

    mutating func multiply(byTenTo power: Int) {
        guard power != 0 else { return }
        scale -= power
        while scale < 0 {
            digits.append(0)
            scale += 1
        }
        trim()
    }

    private mutating func trim() {
        while scale > 0, let last = digits.last, last == 0 {
            digits.removeLast()
            scale -= 1
        }
        if let first = digits.firstIndex(where: { $0 != 0 }) {
            if first > 0 { digits.removeFirst(first) }
        } else {
            digits.removeAll(keepingCapacity: true)
            scale = 0
        }
        if digits.isEmpty { isNegative = false }
    }

    /// The number without what stands after the point; nil past the range of 64 bits.
    var wholePart: Int64? {
        var value: Int64 = 0
        for digit in digits.dropLast(scale) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.subtractingReportingOverflow(Int64(digit))
            if overflow || carry { return nil }
            value = sum
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// Appends the canonical digits.
    func append(to output: inout [UInt8]) {
        if digits.isEmpty { return output.append(48) }
        if isNegative { output.append(0x2D) }
        let whole = digits.count - scale
        if whole <= 0 { output.append(48) }
        for index in 0..<max(0, whole) { output.append(digits[index] + 48) }
        guard scale > 0 else { return }
        output.append(0x2E)
        for _ in 0..<max(0, -whole) { output.append(48) }
        for index in max(0, whole)..<digits.count { output.append(digits[index] + 48) }
    }
}

/// An ISO 4217 code.
struct Currency: Equatable {
    private let letters: SIMD4<UInt8>

    static let renminbi = Currency("CNY")

    private init(_ code: StaticString) {
        letters = SIMD4(code.utf8Start[0], code.utf8Start[1], code.utf8Start[2], 0)
    }

    func append(to output: inout [UInt8]) {
        for index in 0..<3 { output.append(letters[index]) }
    }

    /// Takes a symbol, a code or a Chinese name; nil where there is none.
    static func take(_ reader: inout ByteReader) -> Currency? {
        guard !reader.isAtEnd else { return nil }
        for (spelling, code) in spellings where reader.take(spelling) { return Currency(code) }
        guard reader.index + 3 <= reader.bytes.count else { return nil }
        let found = (0..<3).map { reader.bytes[reader.index + $0].uppercased }
        let after = reader.index + 3 < reader.bytes.count ? reader.bytes[reader.index + 3] : 0
        guard !after.isLetter else { return nil }
        for start in stride(from: 0, to: codes.utf8CodeUnitCount, by: 4)
        where (0..<3).allSatisfy({ codes.utf8Start[start + $0] == found[$0] }) {
            reader.index += 3
            return Currency(SIMD4(found[0], found[1], found[2], 0))
        }
        return nil
    }

    private init(_ letters: SIMD4<UInt8>) { self.letters = letters }

    /// In lower case; those that begin with another come before it.
    private static let spellings: [(StaticString, StaticString)] = [
        ("元", "CNY"), ("¥", "CNY"), ("人民币", "CNY"), ("rmb", "CNY"), ("圆", "CNY"), ("块", "CNY"), ("cn¥", "CNY"),
        ("us$", "USD"), ("$", "USD"), ("美元", "USD"), ("美金", "USD"), ("hk$", "HKD"), ("港元", "HKD"), ("港币", "HKD"),
        ("€", "EUR"), ("欧元", "EUR"), ("£", "GBP"), ("英镑", "GBP"), ("jp¥", "JPY"), ("日元", "JPY"), ("日圆", "JPY"),
        ("nt$", "TWD"), ("新台币", "TWD"), ("台币", "TWD"), ("a$", "AUD"), ("澳元", "AUD"), ("c$", "CAD"), ("加元", "CAD"),
        ("s$", "SGD"), ("新加坡元", "SGD"), ("新元", "SGD"), ("₩", "KRW"), ("韩元", "KRW"), ("₹", "INR"), ("₽", "RUB"),
        ("卢布", "RUB"), ("澳门元", "MOP"), ("澳门币", "MOP"), ("瑞士法郎", "CHF"), ("泰铢", "THB"), ("越南盾", "VND"),
    ]

    /// The active codes of ISO 4217, without those of funds and metals.
    private static let codes: StaticString = """
        AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY \
        COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR \
        IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR \
        MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD \
        SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD \
        XCG XOF XPF YER ZAR ZMW ZWG
        """
}

extension [UInt8] {
    /// Appends eight bytes, the highest first.
    mutating func append(bigEndian value: Int64) {
        for shift in stride(from: Int64(56), through: 0, by: -8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
