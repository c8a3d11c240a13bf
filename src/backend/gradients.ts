// tfjs-core's bundle for Node comes without gradients; tfjs-layers brings and registers all of them when it loads.
import '@tensorflow/tfjs-layers';
