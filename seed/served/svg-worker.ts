import { renderPicture } from '../render.ts';

export default renderPicture;
