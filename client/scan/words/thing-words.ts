/** Words of products, places of business and works: a phrase that holds one names no person. */

const THINGS = new Set(
  (
    "apple apples pear pears banana bananas orange oranges lemon grape grapes berry berries peach plum cherry tomato tomatoes potato potatoes onion carrot salad " +
    "bread cake cakes cookie cookies biscuit biscuits cracker crackers muffin pie pudding candy chocolate honey jam sugar salt pepper sauce soup soap oil vinegar mustard ketchup mayo " +
    "milk cheese butter cream yogurt yoghurt egg eggs ham bacon sausage sausages franks steak chicken beef pork fish tuna salmon rice pasta noodle noodles flour cereal oats granola " +
    "tea coffee espresso beans juice water beer wine whisky whiskey vodka gin rum cider soda cola lemonade food snack snacks chips crisps nuts mix sponge dough pizza burger " +
    "knife knives fork spoon plate plates bowl cup cups mug mugs glass glasses bottle bottles jar pan pot kettle toaster blender lamp lamps bulb candle candles clock watch mirror frame " +
    "table desk chair chairs sofa couch bed beds dresser shelf shelves cabinet drawer wardrobe rug carpet curtain curtains pillow blanket towel towels sheet sheets mattress bench stool bookcase " +
    "shirt shirts tshirt jeans trousers pants dress skirt jacket coat sweater hoodie socks shoes shoe boots sandals sneakers hat cap scarf gloves belt bag bags backpack wallet purse ring necklace bracelet earrings sunglasses " +
    "phone case cable charger adapter battery batteries mouse keyboard monitor laptop tablet printer ink camera headphones speaker tv dvd cd book books notebook diary pen pens pencil pencils paper card cards envelope tape glue scissors stapler folder binder " +
    "toy toys game games puzzle doll ball bike bicycle helmet tent hose garden tool tools key keys screwdriver hammer drill wrench saw nail nails screw screws paint brush bucket mop broom ladder pump filter wheel tire tyre " +
    "set kit pack box pcs piece pieces pair bundle collection edition size small medium large mini maxi extra classic original deluxe premium organic natural fresh frozen half baked dark light white black blue red green yellow pink purple brown grey gray silver gold vintage " +
    "shampoo conditioner lotion perfume lipstick razor toothbrush toothpaste detergent cleaner spray powder gel foam wipes diapers tissue tissues napkins sponge sponges mat yoga trail board rain hand wireless baby pet cat dog pound ml kg cm mm xl " +
    "shop store market mart hotel restaurant cafe bar club school college university hospital clinic bank church museum theatre theater airport station park office company corp corporation inc ltd llc gmbh ag plc co group holding holdings limited partners foundation institute association society council department ministry agency services service solutions systems technologies consulting logistics industries international global " +
    "street road avenue lane square river lake mount mountain island bay beach valley county district province city town village north south east west saint " +
    "journal times news magazine podcast album song movie film series season episode volume vol chapter story stories tale tales guide handbook introduction history " +
    "versand marke produkt laden kaffee wasser brot käse wein bier buch tisch stuhl lampe pain fromage vin bière livre chaise pan queso vino cerveza libro mesa silla"
  ).split(" "),
);

/** @param word any case, without separators */
export function isThing(word: string): boolean {
  return THINGS.has(word.toLowerCase());
}
