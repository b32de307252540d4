extension Unicode.Scalar {
    /// Whether it is a visible ASCII character or a common Chinese one: never white space, and known without a look into the tables of Unicode,
    /// which most texts of a pull need not be asked about.
    package var isPlain: Bool { (0x21..<0x7F).contains(value) || isCommonIdeograph }

    /// Whether it is one of the ideographs U+4E00 to U+9FEF.
    package var isCommonIdeograph: Bool { (0x4E00..<0x9FF0).contains(value) }
}
