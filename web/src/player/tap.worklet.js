/** Listens to several channels at the same frames, and hands over what each of them let through. */

class Tap extends AudioWorkletProcessor {
  constructor({ processorOptions, numberOfInputs }) {
    super();
    this.length = processorOptions.length;
    this.heard = Array.from({ length: numberOfInputs }, () => new Float32Array(this.length));
    this.filled = 0;
    this.first = 0;
  }

  process(inputs) {
    if (this.filled === 0) this.first = currentFrame;
    const count = Math.min(128, this.length - this.filled);
    inputs.forEach((channels, index) => {
      for (const samples of channels) {
        for (let i = 0; i < count; i++) this.heard[index][this.filled + i] += samples[i];
      }
    });
    this.filled += count;
    if (this.filled < this.length) return true;
    this.port.postMessage({ first: this.first, heard: this.heard });
    return false;
  }
}

registerProcessor("sostenuto-tap", Tap);
