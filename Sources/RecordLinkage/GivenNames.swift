/// English given names by which people are called beside the one they were given.
///
/// Names that stand for several, such as Sam or Chris, are left out: they agree in part anyway.
enum GivenNames {
    static func isShort(_ name: ArraySlice<UInt16>) -> Bool { name.count <= 8 && fullNames[Array(name)] != nil }

    /// The full name of a short one, or the name itself.
    static func full(_ name: ArraySlice<UInt16>) -> [UInt16] { fullNames[Array(name)] ?? Array(name) }

    private static let fullNames: [[UInt16]: [UInt16]] = {
        let families = """
            william bill billy will willy;robert bob bobby rob robbie;richard dick rick ricky richie;james jim jimmy jamie;john johnny jack;
            michael mike mick mickey;thomas tom tommy;joseph joe joey;charles charlie chuck;daniel danny;matthew matt;anthony tony;
            edward ed eddie ted teddy ned;benjamin ben benny;nicholas nick nicky;andrew andy drew;david dave davey;stephen steve;
            kenneth ken kenny;gregory greg;jeffrey jeff;ronald ron ronnie;donald don donnie;timothy tim timmy;lawrence larry;peter pete;
            philip phil;raymond ray;walter walt wally;harold hal;henry hank;frederick fred freddie;albert al bert;zachary zach;nathan nate;
            elizabeth liz lizzie beth betty betsy eliza;margaret peggy maggie meg marge;jennifer jenny jen;barbara barb babs;
            susan sue susie;deborah deb debbie debra;rebecca becky becca;katherine kate kathy katie;catherine cathy;kimberly kim;
            victoria vicky;pamela pam;dorothy dot dottie;mary molly polly;martha marty;sarah sally;theresa teresa tess terry;
            judith judy;virginia ginny;frances fran;abigail abby;amanda mandy;cynthia cindy;jacqueline jackie;christina tina
            """
        var found: [[UInt16]: [UInt16]] = [:]
        for family in families.split(separator: ";") {
            let names = family.split { $0 == " " || $0 == "\n" }.map { Array($0.utf16) }
            for name in names.dropFirst() { found[name] = names[0] }
        }
        return found
    }()
}
