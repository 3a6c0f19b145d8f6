internal import Tributary

/// The models of images.
extension ImageRecipe {
  /// 512, 512, and the classes, with tanh between.
  static let mlp = ImageRecipe(classifying: .pixels) { form in
    Sequential {
      Linear(form.rows * form.columns, 512)
      Tanh()
      Linear(512, 512)
      Tanh()
      Linear(512, form.classes)
    }
  }

  /// Two towers of 256 and 128 with the same weights, and the distance of what they make.
  static let siamese = ImageRecipe(pairing: .pixels) { form in
    Sequential {
      Linear(form.rows * form.columns, 256, initial: .heNormal)
      ReLU()
      // Small weights, so that training begins with distances about the margin instead of shrinking them first.
      Linear(256, 128, initial: .normal(0.005))
    }
  }

  /// An Elman network of 128 over an image's rows, and the classes from its last state.
  static let rnn = ImageRecipe(classifying: .rows) { form in
    Sequential {
      Recurrent(form.columns, 128)
      Linear(128, form.classes)
    }
  }

  /// A long short-term memory of 128 over an image's rows, and the classes from its last state.
  static let lstm = ImageRecipe(classifying: .rows) { form in
    Sequential {
      LSTM(form.columns, 128)
      Linear(128, form.classes)
    }
  }

  /// Two convolutions of 32 and 64 with pooling, 128, and the classes.
  static let cnn = ImageRecipe(classifying: .channelsLast) { form in
    Sequential {
      Conv2d(1, 32, kernel: 3, padding: 1, layout: .channelsLast)
      ReLU()
      MaxPool2d(2, layout: .channelsLast)
      Conv2d(32, 64, kernel: 3, padding: 1, layout: .channelsLast)
      ReLU()
      MaxPool2d(2, layout: .channelsLast)
      Flatten()
      Linear(form.rows / 4 * (form.columns / 4) * 64, 128)
      ReLU()
      Linear(128, form.classes)
    }
  }
}
