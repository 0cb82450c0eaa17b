// What the button of the pipeline builder does: the page copies by itself, since no kernel can reach
// the clipboard of another machine.
const button = this;
const text = button.closest('.builder-code').querySelector('textarea');
text.select();
const done = () => { button.textContent = 'Copied'; };
const old = () => document.execCommand('copy') && done();
navigator.clipboard ? navigator.clipboard.writeText(text.value).then(done, old) : old();
setTimeout(() => { button.textContent = 'Copy the code'; }, 2000);
