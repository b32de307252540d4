import ProfileModel

/// Regions and industries, by the tables of their standards.
extension StandardForm {
    /// Appends province, city and district by their whole names, where a text names one region of China and no other; any
    /// other text as it is.
    func appendRegion(_ bytes: UTF8Bytes, to output: inout [UInt8]) throws(FormProblem.Reason) {
        if bytes.isASCII { return try appendText(bytes, to: &output) }
        let start = output.count
        try appendText(bytes, to: &output)
        guard let region = Region(String(decoding: output[start...], as: UTF8.self)) else { return }
        output.replaceSubrange(start..., with: region.name.utf8)
        try checkLength(of: output, from: start)
    }

    /// Appends the code of GB/T 4754 where a text is a code or a name of it; any other text as it is.
    func appendIndustry(_ bytes: UTF8Bytes, to output: inout [UInt8]) throws(FormProblem.Reason) {
        let start = output.count
        try appendText(bytes, to: &output)
        guard let industry = Industry(String(decoding: output[start...], as: UTF8.self)) else { return }
        output.replaceSubrange(start..., with: industry.code.utf8)
    }
}
