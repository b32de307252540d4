import ProfileModel

/// A resident identity number of China: 18 characters by GB 11643-1999, of which the last is a check digit.
public struct ResidentIdentity: Hashable, Sendable {
    /// What the seventeenth digit tells: odd for men, even for women.
    public enum Gender: String, Sendable {
        case male, female
    }

    /// 17 digits, and a digit or X.
    public let number: String
    /// Six digits of GB/T 2260: where the number was first given, at that time.
    public let regionCode: String
    /// `YYYY-MM-DD`.
    public let birthDate: String
    public let gender: Gender

    /// Reads 18 characters, or the 15 digits that were given until 1999, to which the century and the check digit are added.
    ///
    /// Nil where the check digit, the day of birth or the province does not hold. Letters and spaces around it are not dropped.
    public init?(_ text: String) {
        var digits = Array(text.utf8)
        if digits.count == 15, digits.allSatisfy(\.isDigit) {
            digits.insert(contentsOf: "19".utf8, at: 6)
            digits.append(ResidentIdentity.checkDigit(of: digits))
        }
        guard digits.count == 18, digits[..<17].allSatisfy(\.isDigit), digits[17].uppercased == ResidentIdentity.checkDigit(of: digits[..<17]),
            ResidentIdentity.provinces.contains(Int(digits[0] - 48) * 10 + Int(digits[1] - 48)) else { return nil }
        digits[17] = digits[17].uppercased
        number = String(decoding: digits, as: UTF8.self)
        regionCode = String(number.prefix(6))
        let day = Array(number.dropFirst(6).prefix(8))
        birthDate = "\(String(day[0..<4]))-\(String(day[4..<6]))-\(String(day[6..<8]))"
        guard let year = Int64(String(day[0..<4])), let month = Int64(String(day[4..<6])), let date = Int64(String(day[6..<8])),
            (1850...2100).contains(year), Timestamp.isDate(year: year, month: month, day: date) else { return nil }
        gender = (digits[16] - 48) % 2 == 1 ? .male : .female
    }

    /// Provinces, and the numbers of those who live in China from Hong Kong, Macao and Taiwan (81 to 83).
    private static let provinces = Set([11...15, 21...23, 31...37, 41...46, 50...54, 61...65, 71...71, 81...83, 91...91].flatMap { Array($0) })

    /// ISO 7064 MOD 11-2.
    static func checkDigit(of digits: some Collection<UInt8>) -> UInt8 {
        var sum = 0
        for digit in digits { sum = (sum + Int(digit) - 48) * 2 % 11 }
        let check = (12 - sum) % 11
        return check == 10 ? 0x58 : UInt8(48 + check)
    }
}
