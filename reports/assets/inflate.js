/* Unpack gzip (RFC 1952, RFC 1951) where a browser has no DecompressionStream. */
"use strict";
(function () {
  // lengths and distances of RFC 1951, section 3.2.5
  const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115,
    131, 163, 195, 227, 258];
  const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
  const DISTANCE_BASE = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537,
    2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
  const DISTANCE_EXTRA = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12,
    13, 13];
  const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
  const LONGEST_CODE = 15;

  /* A canonical Huffman code: how many codes of each length, and the symbols in order. */
  function codeBook(lengths) {
    const counts = new Uint16Array(LONGEST_CODE + 1);
    for (const length of lengths) counts[length] += 1;
    counts[0] = 0;
    const starts = new Uint16Array(LONGEST_CODE + 2);
    for (let length = 1; length <= LONGEST_CODE; length += 1) starts[length + 1] = starts[length] + counts[length];
    const symbols = new Uint16Array(lengths.length);
    lengths.forEach((length, symbol) => { if (length) symbols[starts[length]++] = symbol; });
    return { counts, symbols };
  }

  function inflate(input, start, size) {
    const output = new Uint8Array(size);
    let at = start, written = 0, bits = 0, bitCount = 0;

    function read(count) {
      while (bitCount < count) {
        if (at >= input.length) throw new Error("the data end too early");
        bits |= input[at++] << bitCount;
        bitCount += 8;
      }
      const value = bits & ((1 << count) - 1);
      bits >>>= count;
      bitCount -= count;
      return value;
    }
    function symbol(book) {
      let code = 0, first = 0, index = 0;
      for (let length = 1; length <= LONGEST_CODE; length += 1) {
        code |= read(1);
        const count = book.counts[length];
        if (code - first < count) return book.symbols[index + code - first];
        index += count;
        first = (first + count) << 1;
        code <<= 1;
      }
      throw new Error("the data hold an unknown code");
    }
    function stored() {
      bits = 0;
      bitCount = 0;
      const length = input[at] | (input[at + 1] << 8);
      at += 4;
      output.set(input.subarray(at, at + length), written);
      at += length;
      written += length;
    }
    function fixedBooks() {
      const lengths = [];
      for (let code = 0; code < 288; code += 1) lengths.push(code < 144 ? 8 : code < 256 ? 9 : code < 280 ? 7 : 8);
      return [codeBook(lengths), codeBook(new Array(30).fill(5))];
    }
    function dynamicBooks() {
      const literals = read(5) + 257, distances = read(5) + 1, codes = read(4) + 4;
      const codeLengths = new Array(19).fill(0);
      for (let place = 0; place < codes; place += 1) codeLengths[CODE_ORDER[place]] = read(3);
      const book = codeBook(codeLengths), lengths = [];
      while (lengths.length < literals + distances) {
        const code = symbol(book);
        if (code < 16) lengths.push(code);
        else {
          const value = code === 16 ? lengths[lengths.length - 1] : 0;
          const times = code === 16 ? 3 + read(2) : code === 17 ? 3 + read(3) : 11 + read(7);
          for (let time = 0; time < times; time += 1) lengths.push(value);
        }
      }
      return [codeBook(lengths.slice(0, literals)), codeBook(lengths.slice(literals))];
    }
    function block([literalBook, distanceBook]) {
      for (;;) {
        const code = symbol(literalBook);
        if (code === 256) return;
        if (code < 256) output[written++] = code;
        else {
          const length = LENGTH_BASE[code - 257] + read(LENGTH_EXTRA[code - 257]);
          const distanceCode = symbol(distanceBook);
          const distance = DISTANCE_BASE[distanceCode] + read(DISTANCE_EXTRA[distanceCode]);
          if (distance > written) throw new Error("the data point before their start");
          for (let copied = 0; copied < length; copied += 1, written += 1) output[written] = output[written - distance];
        }
      }
    }
    let isLast = false;
    while (!isLast) {
      isLast = read(1) === 1;
      const type = read(2);
      if (type === 0) stored();
      else if (type === 1) block(fixedBooks());
      else if (type === 2) block(dynamicBooks());
      else throw new Error("the data hold an unknown block");
    }
    if (written !== size) throw new Error("the data are not complete");
    return output;
  }

  /* Unpack a gzip file without optional fields, as our own writer makes it. */
  planner.gunzipSlowly = function (bytes) {
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8 || bytes[3] !== 0) throw new Error("not gzip");
    const tail = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4);
    return inflate(bytes, 10, tail.getUint32(0, true));
  };

  planner.gunzip = async function (bytes) {
    if (typeof DecompressionStream !== "function") return planner.gunzipSlowly(bytes);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };
})();
