internal import Tributary

/// A model of images of the MNIST family: its layers, and how images are presented to it.
struct ImageRecipe: Recipe {
  /// The shape of an image before the first layer.
  enum Presentation {
    /// `[rows · columns]`.
    case pixels
    /// `[rows, columns]`, each row a time.
    case rows
    /// `[rows, columns, 1]`.
    case channelsLast
  }

  private let presentation: Presentation
  private let isPaired: Bool
  private let objective: @Sendable (_ form: ImageForm, _ input: Shape) -> Objective

  /// A model that tells the class of an image.
  init(
    classifying presentation: Presentation, _ layers: @escaping @Sendable (_ form: ImageForm) -> Sequential
  ) {
    self.presentation = presentation
    isPaired = false
    objective = { form, input in Objective(layers(form), input: input, loss: .softmaxCrossEntropy) }
  }

  /// A model that tells whether two images are of one class, from their distance.
  init(
    pairing presentation: Presentation, _ tower: @escaping @Sendable (_ form: ImageForm) -> Sequential
  ) {
    self.presentation = presentation
    isPaired = true
    objective = { form, input in Objective(Siamese(tower(form)), input: input, margin: 1) }
  }

  /// The data set where none is given.
  static let standardPlace = "fashion-mnist"

  /// How many pairs a model of pairs is judged by.
  private static let testPairs = 10_000

  var source: SampleSource { .dataset }
  var epochs: Int { 5 }
  var batch: Int { 128 }
  var figures: [Figure] { [] }
  var usualObjective: Objective { objective(of: ImageForm(rows: 28, columns: 28, classes: 10)) }

  func read(_ place: String, limit: Int?) throws -> any TrainingSamples {
    let folder = DataFolder(place)
    try folder.check()
    return Samples(self, try ImageFolder(contentsOf: folder.path, limit: limit))
  }

  func readTest(_ place: String, for checkpoint: StoredSettings) throws -> any TestSamples {
    let form = ImageForm(
      rows: try checkpoint.count("rows"), columns: try checkpoint.count("columns"),
      classes: try checkpoint.count("classes"))
    let standardization = ImageDataSet.Standardization(
      mean: try checkpoint.value("mean") { Double($0) },
      deviation: try checkpoint.value("deviation") { Double($0) })
    let folder = DataFolder(place)
    try folder.check()
    let images = try ImageFolder.test(
      contentsOf: folder.path, standardization: standardization, classes: form.classes)
    guard images.imageSize == form.size else {
      throw CommandError(
        "the images of \(folder.path) are \(images.imageSize); the checkpoint's model takes \(form.size)")
    }
    return Judged(self, images)
  }

  private func objective(of form: ImageForm) -> Objective { objective(form, shape(of: form)) }

  private func shape(of form: ImageForm) -> Shape {
    switch presentation {
    case .pixels: [form.rows * form.columns]
    case .rows: [form.rows, form.columns]
    case .channelsLast: [form.rows, form.columns, 1]
    }
  }

  /// Images to be judged by.
  private struct Judged: TestSamples {
    let recipe: ImageRecipe
    let images: ImageDataSet

    init(_ recipe: ImageRecipe, _ images: ImageDataSet) {
      self.recipe = recipe
      self.images = images
    }

    var objective: Objective { recipe.objective(of: ImageForm(images)) }

    func testBatches(of size: Int) throws -> DataLoader {
      let images = try images.reshaped(to: recipe.shape(of: ImageForm(images)))
      guard recipe.isPaired else { return try images.batches(ofAtMost: size) }
      return try PairDataSet(images, count: ImageRecipe.testPairs, seed: 0).batches(of: size)
    }
  }

  /// Images to learn from and to be judged by.
  private struct Samples: TrainingSamples {
    let judged: Judged
    let train: ImageDataSet

    init(_ recipe: ImageRecipe, _ folder: ImageFolder) {
      judged = Judged(recipe, folder.test)
      train = folder.train
    }

    var objective: Objective { judged.objective }

    func testBatches(of size: Int) throws -> DataLoader { try judged.testBatches(of: size) }

    func trainingBatches(of size: Int, seed: UInt64, epoch: Int) throws -> DataLoader {
      let images = try train.reshaped(to: judged.recipe.shape(of: ImageForm(train)))
      guard judged.recipe.isPaired else {
        return try images.shuffled(seed: seed, epoch: epoch).batches(of: size)
      }
      return try PairDataSet(images, count: images.count, seed: seed, epoch: epoch).batches(of: size)
    }

    var stored: [String: String] {
      let form = ImageForm(train)
      return [
        "mean": String(train.standardization.mean), "deviation": String(train.standardization.deviation),
        "classes": String(form.classes), "rows": String(form.rows), "columns": String(form.columns),
      ]
    }
  }
}

/// What a model has to know of its images.
struct ImageForm {
  let rows: Int
  let columns: Int
  let classes: Int

  var size: [Int] { [rows, columns] }
}

extension ImageForm {
  fileprivate init(_ images: ImageDataSet) {
    self.init(rows: images.imageSize[0], columns: images.imageSize[1], classes: images.classes)
  }
}
