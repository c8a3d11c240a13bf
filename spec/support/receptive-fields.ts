/** The receptive-field tables: those of iterations 1 to 6 as published. */

/** Iterations 1 to 5. */
export const FIELD_OF_28 = `
|Layer No.|Operation|Input Feat.|Kernel Size|Padding|Stride|Output Feat.|Jump in|Jump Out|RF in|RF Out|
|:-------:|:-------:|:---------:|:---------:|:-----:|:----:|:----------:|:-----:|:------:|:---:|:----:|
|1|Conv2d|28|3|0|1|26|1|1|1|3|
|2|Conv2d|26|3|0|1|24|1|1|3|5|
|3|MaxPool|24|2|0|2|12|1|2|5|6|
|4|Conv2d|12|3|0|1|10|2|2|6|10|
|5|Conv2d|10|3|0|1|8|2|2|10|14|
|6|Conv2d|8|3|0|1|6|2|2|14|18|
|7|Conv2d|6|3|0|1|4|2|2|18|22|
|8|GAP|4|4|0|1|1|2|2|22|28|
`;

/** Iteration 6. */
export const FIELD_OF_32 = `
|Layer No.|Operation|Input Feat.|Kernel Size|Padding|Stride|Output Feat.|Jump in|Jump Out|RF in|RF Out|
|:-------:|:-------:|:---------:|:---------:|:-----:|:----:|:----------:|:-----:|:------:|:---:|:----:|
|1|Conv2d|28|3|1|1|28|1|1|1|3|
|2|Conv2d|28|3|1|1|28|1|1|3|5|
|3|MaxPool|28|2|0|2|14|1|2|5|6|
|4|Conv2d|14|3|0|1|12|2|2|6|10|
|5|Conv2d|12|3|0|1|10|2|2|10|14|
|6|Conv2d|10|3|0|1|8|2|2|14|18|
|7|Conv2d|8|3|0|1|6|2|2|18|22|
|8|Conv2d|6|3|0|1|4|2|2|22|26|
|9|GAP|4|4|0|1|1|2|2|26|32|
`;

/** Iteration 9, worked out by hand: RF out = RF in + (kernel - 1) x jump in. */
export const FIELD_OF_32_SEPARABLE = `
|Layer No.|Operation|Input Feat.|Kernel Size|Padding|Stride|Output Feat.|Jump in|Jump Out|RF in|RF Out|
|:-------:|:-------:|:---------:|:---------:|:-----:|:----:|:----------:|:-----:|:------:|:---:|:----:|
|1|Conv2d|28|3|1|1|28|1|1|1|3|
|2|SeparableConv2d|28|3|1|1|28|1|1|3|5|
|3|MaxPool|28|2|0|2|14|1|2|5|6|
|4|SeparableConv2d|14|3|0|1|12|2|2|6|10|
|5|SeparableConv2d|12|3|0|1|10|2|2|10|14|
|6|SeparableConv2d|10|3|0|1|8|2|2|14|18|
|7|SeparableConv2d|8|3|0|1|6|2|2|18|22|
|8|Conv2d|6|1|0|1|6|2|2|22|22|
|9|GAP|6|6|0|1|1|2|2|22|32|
`;
