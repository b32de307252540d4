import ProfileModel

/// The simplified forms of traditional characters, from `schema/traditional.tsv`: what is written 張 is searched as 张.
///
/// A search form only: the value stays as it was written, and 髮 and 發, which both become 发, stay apart in it.
struct SimplifiedCharacters: Sendable {
    /// For each character from U+3400 to U+9FFF its simplified form, 0 where it is its own.
    private var forms = [UInt16](repeating: 0, count: 0xA000 - 0x3400)

    private static let shared = SimplifiedCharacters()

    private init() {
        TableLines.forEach(in: "traditional.tsv") { fields in
            guard let simplified = fields[0].unicodeScalars.first else { preconditionFailure("schema/traditional.tsv") }
            for traditional in fields[1].unicodeScalars { forms[Int(traditional.value) - 0x3400] = UInt16(simplified.value) }
        }
    }

    /// The form under which a character is searched.
    static func form(of scalar: UInt32) -> UInt32 {
        guard (0x3400..<0xA000).contains(scalar) else { return scalar }
        let form = shared.forms[Int(scalar) - 0x3400]
        return form == 0 ? scalar : UInt32(form)
    }
}
