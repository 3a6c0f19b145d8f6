import TributaryAutodiff
import TributaryOps

extension MalformedCallTests {
  static let networks: [Call] = [
    Call("matmul", "f32[2, 3]", "f32[4, 5]") { matmul($0.x, $0.y) },
    Call("matmul", "f64[2, 3]") { matmul($0.x, $0.wide, transposeB: true) },
    Call("matmul", "f32[]") { matmul($0.x, $0.scalar) },
    Call("matmul", "i64") { matmul($0.ids, $0.ids, transposeB: true) },
    Call("matmul", "f32[2, 3, 8, 8]") { matmul($0.images, $0.weights) },
    Call("matmul", "f32[4, 5]") {
      $0.g.apply(
        MatMul(transposeA: false, transposeB: true, accumulating: true), to: $0.x, $0.x, $0.y)
    },
    Call("einsum", "j stands for lengths 3 and 4") { einsum("ij,jk->ik", $0.x, $0.y) },
    Call("einsum", "2 operands") { einsum("ij,jk->ik", $0.x) },
    Call("einsum", "i!j") { einsum("i!j->i", $0.x) },
    Call("einsum", "ijk") { einsum("ijk->i", $0.x) },
    Call("einsum", "k") { einsum("ij->ik", $0.x) },
    Call("einsum", "ii") { einsum("ij->ii", $0.x) },
    Call("einsum", "f64") { einsum("ij,ij->", $0.x, $0.wide) },
    Call("outer", "two vectors") { outer($0.x, $0.scalar) },
    Call("conv2d", "[N, C, H, W]") { conv2d($0.x, $0.weights) },
    Call("conv", "4 channels", "3") { conv2d(reshape($0.images, [2, 4, 8, 6]), $0.weights) },
    Call("conv", "f64") { conv2d(cast($0.images, to: .float64), $0.weights) },
    Call("conv", "stride") { conv2d($0.images, $0.weights, stride: 0) },
    Call("conv", "dilation") { conv2d($0.images, $0.weights, dilation: -1) },
    Call("conv", "padding") { conv2d($0.images, $0.weights, padding: -1) },
    Call("conv", "groups") { conv2d($0.images, $0.weights, groups: 2) },
    Call("conv", "0 groups") { conv2d($0.images, $0.weights, groups: 0) },
    Call("conv2d", "window of height 19") { conv2d($0.images, $0.weights, dilation: 9) },
    Call("conv", "bias") { conv2d($0.images, $0.weights, bias: $0.v) },
    Call("conv", "f32[3]") { conv1d($0.v, reshape($0.weights, [4, 3, 9])) },
    Call("conv_input_gradient", "2") { convTranspose2d($0.images, $0.weights) },
    Call("conv_transpose2d", "output padding") {
      convTranspose2d($0.images, reshape($0.weights, [3, 4, 3, 3]), outputPadding: 2)
    },
    Call("conv_weight_gradient", "f32[2, 3, 8, 8]") {
      $0.g.apply(ConvolutionWeightGradient(kernelSize: 3), to: $0.images, $0.images)
    },
    Call("max_pool2d", "window of height 9") { maxPool2d($0.images, kernel: 9) },
    Call("max_pool", "f32[2, 3]") { maxPool2d($0.x, kernel: 2) },
    Call("max_pool", "0") { maxPool2d($0.images, kernel: 0) },
    Call("max_pool", "stride") { maxPool2d($0.images, kernel: 2, stride: 0) },
    Call("max_pool", "i64") { maxPool2d(cast($0.images, to: .int64), kernel: 2) },
    Call("max_pool_pick", "f32[2, 3, 8, 8]", "f32[4, 3, 3, 3]") {
      $0.g.apply(MaxPoolPick(PoolingWindow(2)), to: $0.images, $0.weights)
    },
    Call("max_pool_gradient", "f32[2, 1, 4, 8]") {
      $0.g.apply(MaxPoolGradient(PoolingWindow(2)), to: $0.images, $0.images)
    },
    Call("mean_pool", "padding") { avgPool2d($0.images, kernel: 2, padding: 2) },
    Call("mean_pool", "0×0") { adaptiveAvgPool2d($0.images, outputSize: 0) },
    Call("global_avg_pool2d", "4 axes") { globalAvgPool2d($0.x) },
    Call("mean_pool", "i64") { avgPool2d(cast($0.images, to: .int64), kernel: 2) },
    Call("mean_pool_gradient", "8×8") {
      $0.g.apply(MeanPoolGradient(.bins(2), imageSize: 8), to: $0.images)
    },
    Call("layer_norm", "weight", "f32[2]") { layerNorm($0.x, weight: slice($0.v, axis: 0, 0..<2)) },
    Call("layer_norm", "3") { layerNorm($0.x, normalizedRank: 3) },
    Call("layer_norm", "0") { layerNorm($0.x, normalizedRank: 0) },
    Call("layer_norm", "epsilon") { layerNorm($0.x, epsilon: -1) },
    Call("layer_norm", "i64") { layerNorm($0.ids) },
    Call("rms_norm", "f32[4, 5]") { rmsNorm($0.x, bias: $0.y) },
    Call("rms_norm", "weight") { rmsNorm($0.x, weight: $0.wide) },
    Call("group_norm", "2") { groupNorm($0.images, groups: 2) },
    Call("group_norm", "0") { groupNorm($0.images, groups: 0) },
    Call("group_norm", "f32[3]") { groupNorm($0.v, groups: 1) },
    Call("batch_norm", "no axis 4") {
      batchNorm($0.images, runningMean: $0.v, runningVariance: $0.v, axis: 4).y
    },
    Call("batch_norm", "f32[2, 3]") { batchNorm($0.images, runningMean: $0.x, runningVariance: $0.v).y },
    Call("batch_norm", "momentum", "2") {
      batchNorm($0.images, runningMean: $0.v, runningVariance: $0.v, momentum: 2).y
    },
    Call("batch_norm", "0 elements") {
      batchNorm($0.none, runningMean: $0.v, runningVariance: $0.v).y
    },
    Call("batch_norm_inference", "mean") { batchNormInference($0.images, mean: $0.x, variance: $0.v) },
    Call("batch_norm_gradient", "cotangent") {
      $0.g.apply(BatchNormalizeGradient(), to: [$0.y, $0.x, $0.v, $0.v])[0]
    },
    Call("attention", "as many axes") { scaledDotProductAttention($0.x, $0.x, $0.images) },
    Call("attention", "one width") { scaledDotProductAttention($0.x, $0.y, $0.y) },
    Call("attention", "f64") { scaledDotProductAttention($0.x, $0.x, $0.wide) },
    Call("attention", "mask") { scaledDotProductAttention($0.x, $0.x, $0.x, mask: $0.mask) },
    Call("attention", "a mask is bool") { scaledDotProductAttention($0.x, $0.x, $0.x, mask: $0.ids) },
    Call("attention", "must be finite") { scaledDotProductAttention($0.x, $0.x, $0.x, scale: .nan) },
    Call("sgd_update", "gradient") { $0.g.apply(SGDUpdate(), to: $0.x, $0.y, $0.scalar) },
    Call("momentum_update", "4 inputs") {
      $0.g.apply(MomentumUpdate(momentum: 0.9, nesterov: false), to: [$0.x, $0.x])[0]
    },
    Call("adam_update", "step count") {
      $0.g.apply(
        AdamUpdate(beta1: 0.9, beta2: 0.99, epsilon: 0, weightDecay: 0),
        to: [$0.x, $0.x, $0.x, $0.x, $0.scalar, $0.scalar])[0]
    },
    Call("scheduled_rate", "f32[]") { $0.g.apply(ScheduledRate(.constant(1)), to: $0.scalar) },
    Call("accumulate", "f32[4, 5]") { $0.g.apply(Accumulate(), to: $0.x, $0.y) },
    Call("check_finite", "i64") { $0.g.apply(CheckFinite(), to: $0.ids) },
  ]

  static let losses: [Call] = [
    Call("cross_entropy", "f32[3]") { crossEntropy($0.v, $0.ids) },
    Call("cross_entropy", "indices") { crossEntropy($0.x, $0.v) },
    Call("cross_entropy", "i64[2, 3]") { crossEntropy($0.x, $0.ids) },
    Call("cross_entropy", "smoothing") {
      crossEntropy($0.x, reshape(slice($0.ids, axis: 1, 0..<1), [2]), labelSmoothing: 2)
    },
    Call("nll", "i64[2, 3]") { negativeLogLikelihood($0.x, $0.ids) },
    Call("nll", "f32[]") { negativeLogLikelihood($0.scalar, $0.ids) },
    Call("l1", "cannot be broadcast") { meanAbsoluteError($0.x, transpose($0.x)) },
    Call("huber", "must be positive") { huberLoss($0.x, $0.x, delta: -1) },
    Call("huber", "i64") { huberLoss($0.ids, $0.ids) },
    Call("bce_with_logits", "one element type") { binaryCrossEntropy(logits: $0.x, targets: $0.ids) },
    Call("kl_div", "no batch") { klDivergence($0.scalar, $0.scalar) },
    Call("sub", "cannot be broadcast") { meanSquaredError($0.x, $0.y) },
    Call("sub", "[2, 3], [4, 5]") { contrastiveLoss($0.x, $0.y, $0.v) },
    Call("softmax_gradient", "f32[4, 5]") { $0.g.apply(SoftmaxGradient(axis: 1), to: $0.x, $0.y) },
    Call("l1_gradient", "3 inputs") { $0.g.apply(PairLossGradient(.absolute), to: $0.x, $0.x) },
  ]
}
