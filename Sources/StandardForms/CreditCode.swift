/// A unified social credit code: 18 digits and capitals by GB 32100-2015, of which the last is a check character.
public struct CreditCode: Hashable, Sendable {
    public let code: String
    /// Six digits of GB/T 2260: where the organization was registered.
    public var regionCode: String { String(code.dropFirst(2).prefix(6)) }

    /// Nil where a character or one of the two check characters does not hold.
    ///
    /// The ninth to seventeenth are the organization code of GB 11714-1997, with a check character of its own.
    public init?(_ text: String) {
        let characters = text.utf8.map(\.uppercased)
        guard characters.count == 18 else { return nil }
        var sum = 0, weight = 1
        for character in characters[..<17] {
            guard let value = CreditCode.alphabet.firstIndex(of: character) else { return nil }
            sum += value * weight
            weight = weight * 3 % 31
        }
        guard CreditCode.alphabet[(31 - sum % 31) % 31] == characters[17], CreditCode.isOrganization(Array(characters[8..<17])) else { return nil }
        code = String(decoding: characters, as: UTF8.self)
    }

    /// Without I, O, S, V and Z.
    private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)

    /// Whether eight digits and capitals are followed by their check character.
    static func isOrganization(_ characters: [UInt8]) -> Bool {
        let weights = [3, 7, 9, 10, 5, 8, 4, 2]
        var sum = 0
        for (character, weight) in zip(characters, weights) {
            guard character.isDigit || character.isLetter else { return false }
            sum += (character.isDigit ? Int(character) - 48 : Int(character.uppercased) - 55) * weight
        }
        let check = 11 - sum % 11
        return characters[8] == (check == 10 ? 0x58 : check == 11 ? 48 : UInt8(48 + check))
    }
}
