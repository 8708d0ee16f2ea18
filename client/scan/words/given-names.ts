/**
 * Common given names, family names and endings of family names of many languages, without marks.
 * Written down for this scan from general knowledge: evidence about a column, none about a person.
 */

const GIVEN = new Set(
  // English
  (
    "james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan " +
    "jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory alexander frank patrick raymond jack dennis jerry tyler aaron jose henry adam douglas nathan peter zachary kyle " +
    "walter harold jeremy ethan carl keith roger gerald christian terry sean arthur austin noah lawrence jesse joe bryan billy jordan albert dylan bruce willie gabriel alan juan logan wayne ralph roy eugene " +
    "randy vincent russell louis philip bobby johnny bradley oliver harry charlie leo oscar archie theo freddie alfie finley liam mason elijah lucas aiden jackson caleb owen isaac evan connor cameron hunter " +
    "mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty sandra margaret ashley kimberly emily donna michelle carol amanda melissa deborah stephanie rebecca sharon laura " +
    "cynthia dorothy amy kathleen angela shirley emma brenda pamela nicole anna samantha katherine catherine christine debra rachel carolyn janet maria heather diane olivia julie joyce virginia victoria kelly " +
    "lauren christina joan evelyn judith andrea hannah megan cheryl jacqueline martha madison teresa gloria sara janice ann kathryn abigail sophia frances jean alice judy isabella julia grace amber denise danielle " +
    "marilyn beverly charlotte natalie theresa diana brittany doris kayla alexis lori ruth ava mia amelia harper ella chloe lily zoe isla poppy ruby evie daisy phoebe freya lucy holly imogen eleanor florence rosie " +
    "jane claire helen fiona gemma tracey nigel graham stuart ian simon neil derek trevor clive geoffrey malcolm colin craig darren lee gareth rhys dafydd angus hamish fergus callum euan duncan alistair lachlan " +
    // Irish, Scottish, Welsh
    "aoife ciara niamh saoirse siobhan sinead orla roisin caoimhe grainne deirdre maeve padraig seamus eoin cian oisin darragh conor declan ruairi tadhg cormac ciaran brendan eilidh catriona mairi morag iona bronwen carys sian ffion megan " +
    // French
    "jean pierre michel andre philippe alain jacques bernard marcel daniel roger claude louis rene francois henri georges christophe nicolas laurent frederic julien sebastien olivier stephane guillaume antoine mathieu maxime " +
    "thibault romain quentin clement hugo theo enzo lucas gabriel raphael arthur jules adam mael leon paul etienne luc yves thierry pascal didier bruno gilles marc benoit remi remy bastien damien fabrice cedric jerome " +
    "marie jeanne francoise monique catherine nathalie isabelle jacqueline sylvie martine nicole valerie brigitte sophie celine aurelie camille lea manon chloe emma ines jade louise alice lina juliette zoe charlotte margaux " +
    "mathilde elodie amelie melanie pauline clemence delphine veronique chantal helene florence agnes genevieve lucie anais oceane adele clara romane amandine severine corinne virginie solene maelle " +
    // German, Austrian, Swiss
    "hans peter klaus wolfgang jurgen dieter manfred uwe horst helmut gunther gunter heinz bernd rainer karl heinrich friedrich fritz franz josef otto ludwig kurt ernst walter gerhard werner rolf ralf frank stefan andreas markus matthias " +
    "torsten thorsten sven jens dirk holger olaf lars florian sebastian tobias jan felix maximilian moritz lukas leon finn jonas elias noah ben luis julian fabian dominik philipp niklas tim emil anton jakob jannik johannes johann georg ulrich " +
    "ursula helga ingrid renate monika karin gisela elke brigitte petra sabine susanne gabriele andrea claudia birgit heike martina anja katrin kerstin silke tanja sandra nadine anke ute dorte doerte dorothea greta lena hannah lea mia leonie sophie " +
    "marlene johanna katharina franziska annika svenja jana lara luisa frieda mathilda ida heidi liesl elfriede gertrud hildegard anneliese lotte lieselotte trude steffi jutta christa margarete rosemarie " +
    // Dutch, Flemish
    "jan piet kees henk willem johan dirk gerrit cornelis hendrik maarten jeroen sander bas thijs daan sem bram lars luuk joris ruben koen wouter pieter joost sjoerd wim rob ruud arjen sanne femke anouk lotte fleur sophie tess " +
    "marieke marijke anneke ineke joke wilma saskia esther maaike nienke lieke evi roos eva noor jip floor hanneke liesbeth greet an griet lieve " +
    // Nordic
    "lars erik anders per mats magnus johan karl nils sven gunnar bjorn hakan goran stig rolf leif ulf bengt olof olle axel elias oskar viktor hugo filip emil gustav ludvig henrik fredrik mikael jonas mattias soren jens hans niels jorgen " +
    "rasmus mads mikkel kasper magnus frederik christian ole kare knut olav ola sigurd harald haakon eirik trond geir terje kjell asbjorn ivar einar vidar ragnar torbjorn morten stian sindre juhani matti mikko jukka pekka timo antti kari " +
    "heikki ville lauri eero aino helmi eeva liisa kaisa paivi tuula anneli ritva sirkka hanna sanna tiina minna johanna astrid ingrid karin birgitta margareta kristina eva lena marie kerstin gunilla inger solveig sigrid liv kari anne " +
    "ragnhild gro hilde tone siri freja freya ida karoline mette hanne pernille lene gitte signe maja alva ebba saga elsa wilma tuva tilde linnea ylva frida sunniva thea nora gudrun sigridur jon gunnar olafur kristjan bjork anna " +
    // Italian
    "giuseppe giovanni antonio mario luigi francesco angelo vincenzo pietro salvatore carlo franco domenico bruno paolo michele giorgio aldo sergio luciano marco andrea alessandro matteo lorenzo davide simone luca stefano roberto riccardo " +
    "gianluca gianni enzo fabio claudio massimo daniele dario emanuele federico filippo giacomo leonardo nicola raffaele tommaso valerio maria anna giuseppina rosa angela giovanna teresa lucia carmela caterina francesca antonietta carla " +
    "elena concetta rita margherita franca paola giulia martina chiara sara alessia silvia elisa valentina federica ilaria giorgia serena beatrice bianca ginevra aurora sofia alice greta noemi camilla ludovica arianna veronica " +
    // Spanish
    "jose antonio juan manuel francisco luis javier miguel angel carlos alejandro pedro jesus daniel david rafael fernando pablo sergio jorge alberto diego alvaro adrian raul enrique ramon vicente ivan ruben oscar andres joaquin santiago " +
    "eduardo victor roberto jaime mario ignacio alfonso salvador ricardo marcos jordi pau marti emilio guillermo gonzalo hector hugo mateo thiago leonel maria carmen josefa isabel dolores pilar teresa ana laura cristina marta mercedes " +
    "lucia elena rosa raquel manuela rosario juana beatriz antonia julia patricia rocio irene montserrat nuria silvia concepcion encarnacion alba yolanda inmaculada marina esther angeles gloria noelia paula daniela valeria valentina " +
    "camila ximena jimena guadalupe alejandra gabriela veronica lorena consuelo esperanza araceli itziar ainhoa leire xavier montse ines catalina fernanda mariana " +
    // Portuguese
    "joao jose antonio manuel carlos paulo pedro luis miguel rui nuno tiago ricardo bruno andre filipe goncalo duarte afonso rodrigo henrique vasco fernando jorge luiz marcelo eduardo rafael gustavo felipe leandro thiago caio vinicius " +
    "maria ana francisca joana ines mariana beatriz leonor matilde carolina catarina rita sofia sara marta filipa teresa fatima helena isabel luisa margarida adriana aline bruna juliana leticia larissa camila fernanda patricia vanessa renata aparecida " +
    // Polish, Czech, Slovak
    "jan andrzej piotr krzysztof stanislaw tomasz pawel marcin michal marek grzegorz jozef lukasz adam zbigniew jerzy tadeusz mateusz dariusz mariusz wojciech ryszard jakub henryk robert rafal kazimierz jacek maciej kamil janusz marian " +
    "jaroslaw miroslaw dawid szymon filip bartosz bartlomiej oskar kacper antoni franciszek aleksander mikolaj anna maria katarzyna malgorzata agnieszka krystyna barbara ewa elzbieta zofia janina teresa magdalena joanna monika danuta " +
    "jadwiga helena aleksandra halina irena beata marta dorota natalia karolina grazyna iwona julia hanna zuzanna maja oliwia wiktoria lena alicja kinga weronika justyna ola olga kasia gosia jiri josef pavel tomas petr martin jaroslav milan " +
    "vaclav zdenek frantisek karel vladimir ondrej stepan vojtech lukas radek miroslav jana hana eva lenka lucie vera alena petra marie katerina veronika tereza kristyna barbora zuzana jitka michaela dagmar marek juraj jozef peter " +
    // Hungarian, Romanian, Balkan, Baltic
    "laszlo istvan jozsef janos zoltan sandor ferenc gabor attila peter tamas zsolt tibor andras csaba imre lajos gyorgy balazs bence mate levente akos katalin ilona erzsebet eva judit agnes andrea ildiko zsuzsanna zsofia eszter reka dora " +
    "ion gheorghe vasile nicolae constantin dumitru stefan andrei alexandru mihai cristian bogdan adrian florin radu sorin marius ioana elena mihaela andreea cristina alexandra roxana simona raluca ileana luminita " +
    "marko nikola luka stefan milos dragan zoran goran igor dejan nemanja vladimir aleksandar bojan branko slobodan petar ivan ante josip tomislav hrvoje mirko jovana milica jelena ana marija ivana snezana dragana vesna gordana mirjana biljana " +
    "tea petra georgi dimitar ivan hristo stoyan nikolay petya maria desislava gergana janis andris juris edgars liga ilze inese jonas vytautas mindaugas jurgita rasa ruta kristjan tarmo urmas kadri triin maarja mari " +
    // Greek, Albanian, Turkish
    "georgios dimitrios konstantinos ioannis nikolaos christos panagiotis vasileios athanasios michail giorgos dimitris kostas yannis nikos maria eleni aikaterini vasiliki sofia angeliki georgia dimitra konstantina paraskevi katerina despina ioanna " +
    "arben agim besnik ilir artan fatmir blerim drita arta mimoza mehmet mustafa ahmet ali huseyin hasan ibrahim ismail osman yusuf murat omer ramazan halil emre burak can cem deniz kerem onur serkan tolga volkan baris kaan " +
    "fatma ayse emine hatice zeynep elif meryem serife zehra sultan hulya ozlem esra merve busra selin defne ece ebru gul aylin sibel derya pinar yasemin nur " +
    // Russian, Ukrainian, Caucasian, Central Asian
    "aleksandr alexandr sergei sergey dmitri dmitry andrei andrey alexei alexey aleksey maxim maksim evgeny yevgeny ivan mikhail nikolai nikolay vladimir oleg igor pavel roman denis artem anton viktor yuri yury konstantin ilya kirill nikita egor boris vadim stanislav " +
    "vyacheslav gennady leonid anatoly bohdan taras andriy oleksandr serhiy volodymyr mykola vasyl yuriy petro olena oksana iryna natalia natalya tetiana tatiana tatyana olga olha anastasia anastasiya ekaterina yekaterina maria mariya svetlana svitlana irina elena yelena " +
    "yulia yuliya daria darya anna galina lyudmila nadezhda vera valentina larisa ksenia polina alina kateryna lesia zoya raisa tamara nina armen aram hayk gevorg tigran ani nare gayane giorgi levan nino tamar ketevan irakli aziz dilnoza rustam timur bekzat aigul nurlan " +
    // Arabic, Persian, Hebrew
    "mohammed muhammad mohamed mohammad ahmed ahmad ali omar umar hassan hasan hussein hussain ibrahim ismail khalid khaled mahmoud mustafa youssef yusuf yousef abdullah abdul abdulrahman karim kareem tariq tarek bilal hamza said saeed samir sami amir " +
    "nasser faisal fahad salem salman rashid waleed walid ziad rami nabil jamal adel hisham marwan anas ayman bassam imad fadi tamer rachid hamid driss mehdi yassine fatima fatimah aisha aicha khadija maryam mariam zainab zaynab layla leila laila nour noor noura nora " +
    "salma sara yasmin yasmine amina amal hanan huda iman rania dina mona nadia samira soraya zahra hala lina reem rana dalia farah ghada jamila latifa malika naima souad reza hossein mehdi ali amir hamid saeed javad farhad behzad dariush cyrus kaveh babak arash " +
    "maryam zahra fatemeh shirin parisa nasrin mina niloufar roya azadeh sahar leyla moshe avraham yitzhak yaakov yosef david shlomo chaim eitan noam itai yael tamar noa shira rivka rachel leah miriam esther avigail hadas ofer amit gal ori " +
    // African
    "kwame kofi kojo kwesi yaw ama akosua abena efua adwoa esi chidi chinedu chukwuemeka emeka ikechukwu obinna uche nnamdi ngozi chiamaka adaeze amara ifeoma nkechi chioma oluwaseun tunde segun femi kunle bola ade adebayo folake funmi yetunde " +
    "sade temitope ayo babatunde musa ibrahim aminu sani yakubu hauwa zainab wanjiru wanjiku kamau mwangi njoroge otieno ochieng achieng akinyi atieno kiprop kipchoge chebet abebe haile tesfaye dawit bekele yohannes selam tigist hirut almaz mamadou amadou moussa " +
    "ousmane ibrahima cheikh abdoulaye boubacar seydou fatou aminata mariama awa aissatou ndeye khady thabo sipho themba bongani mandla sibusiso lerato naledi thandi nomsa zanele nomvula thandiwe lindiwe precious blessing tendai farai tatenda rudo chipo juma baraka rehema neema zawadi amina " +
    // South Asian
    "raj rajesh rahul rohit amit anil sunil vijay sanjay ajay suresh ramesh mahesh dinesh ganesh mukesh rakesh deepak manoj ashok ravi arun kumar vikram arjun krishna karthik aditya ankit gaurav nikhil pranav siddharth varun vivek harish naveen prakash pradeep rajiv " +
    "sachin sandeep shyam mohan gopal govind hari imran irfan salman shahid asif faisal zubair usman bilal hamza adnan kamran tahir naveed priya pooja neha anjali kavita sunita anita rekha meena geeta lakshmi sita radha divya shreya aishwarya deepika swati nisha asha usha " +
    "lata aarti jyoti kiran manisha preeti ritu seema shanti sushma vidya ananya isha kavya meera nandini sneha tanvi aarav vihaan reyansh ayaan ishaan diya saanvi aadhya ayesha sana hina saima nadia farzana nasreen shabnam rukhsana tahmina chaminda nuwan dilshan kumari gurpreet harpreet manpreet jaspreet simran amarjit baljit " +
    // East and South-East Asian
    "wei fang xiu ying min jing lei jun yan li na xin yu hui juan mei ling xia hong hao ming jie tao qiang chao yong bin ping gang feng peng xiang lin bo yi zhen yang zihan yuxuan haoran mingze xiaoming guowei meiling lihua yifan jiahao " +
    "hiroshi takashi kenji satoshi hiro hiroki kenta daiki takeshi makoto akira yuki yuto haruto sota ren riku kaito shota kazuki naoki ryo ryota tetsuya yusuke koji shinji masato noboru ichiro jiro taro yoko keiko yumi akiko michiko tomoko naomi " +
    "haruka sakura aoi hina yui rin misaki ayumi emi mayumi kaori megumi sayuri noriko kumiko reiko minjun jihoon seojun hyun jin sung young jae min jiwoo seoyeon jiyeon soojin minji eunji yuna hana kyung nguyen anh minh hung dung tuan thanh nam long quang " +
    "hai hoa lan huong linh trang mai thao phuong ngoc hien van thi duc bao khanh somchai somsak niran anong malee siriporn wichai budi agus dewi siti nur putri sri wayan made ketut joko bambang rizky aditya indah ratna rina yanti ahmad azlan farid hafiz aminah siti noraini josé " +
    "maria jose juan rosario corazon luzviminda imelda rodrigo jomar reynaldo marites analyn jejomar " +
    "mateo milo nico toni robin kim sam alex max chris jamie sasha nikita andy tony jim jimmy tom tommy tim bob bill ben dan dave mike nick pete rick rob ron steve ted will kate katie beth liz meg sue jen jess becky vicky zofia mathias malik kai levi ezra asher silas jasper nadia naima olivia"
  ).split(" "),
);

const FAMILY = new Set(
  (
    "smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson walker young allen king wright scott torres " +
    "nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter roberts evans turner parker collins edwards stewart morris murphy cook rogers morgan cooper peterson bailey reed kelly howard ramos ward cox diaz richardson wood watson brooks bennett " +
    "gray james reyes cruz hughes price myers long foster sanders ross morales powell sullivan russell ortiz jenkins gutierrez perry butler barnes fisher davies khan patel singh begum ahmed ali hussain obrien byrne oconnor oneill doyle walsh gallagher mccarthy kennedy lynch macdonald fraser " +
    "bernard dubois robert richard petit durand leroy moreau simon laurent lefebvre michel bertrand roux vincent fournier morel girard andre lefevre mercier dupont lambert bonnet francois muller schmidt schneider fischer weber meyer wagner becker schulz hoffmann schafer koch bauer " +
    "richter klein wolf schroder neumann schwarz zimmermann braun kruger hofmann hartmann lange werner krause lehmann huber gruber steiner moser jansen de vries bakker visser smit meijer mulder peeters janssens maes jacobs andersson johansson karlsson nilsson eriksson larsson olsson persson " +
    "svensson gustafsson lind lindberg berg hansen olsen larsen andersen pedersen nielsen jensen christensen rasmussen sorensen nilsen korhonen virtanen makinen nieminen makela hamalainen laine rossi russo ferrari esposito bianchi romano colombo ricci marino greco bruno gallo conti costa " +
    "giordano mancini rizzo lombardi moretti barbieri fontana gonzales fernandez gomez jimenez ruiz moreno alvarez munoz romero alonso navarro dominguez vazquez gil serrano blanco molina silva santos ferreira pereira oliveira rodrigues martins sousa fernandes goncalves almeida ribeiro pinto " +
    "carvalho teixeira moreira correia mendes nowak kowalski wisniewski wojcik kowalczyk kaminski lewandowski zielinski szymanski wozniak novak svoboda novotny dvorak cerny prochazka kucera nagy kovacs toth szabo horvath varga popescu ionescu popa stan jovanovic petrovic nikolic markovic " +
    "horvat ivanov petrov sidorov smirnov kuznetsov popov volkov sokolov morozov novikov shevchenko kovalenko bondarenko tkachenko boyko melnyk papadopoulos yilmaz kaya demir celik sahin yildiz aydin ozturk arslan dogan haddad haddou khoury mansour nasser farouk farah hassan ibrahim saleh " +
    "cohen levy mizrahi peretz friedman katz goldberg hosseini ahmadi mohammadi rezaei karimi okafor okonkwo eze adeyemi balogun ogunleye okoro obi mensah owusu osei boateng asante appiah diallo traore keita toure cisse ndiaye diop fall sow ba kamara conteh abebe tesfaye mwangi kamau otieno " +
    "dlamini nkosi ndlovu khumalo mokoena sharma verma gupta kumar mehta shah desai joshi iyer nair reddy rao das bose chatterjee mukherjee banerjee malik chaudhry butt qureshi rahman islam hossain akter perera fernando wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin " +
    "gao luo tanaka sato suzuki takahashi watanabe ito yamamoto nakamura kobayashi kato yoshida yamada sasaki kim park choi jung kang cho yoon jang lim tran pham hoang huynh vu dang bui santoso wijaya susanto dela cruz bautista alsayed wisniewska zielinska kowalska nowicka"
  ).split(" "),
);
const FAMILY_ENDING =
  /^(?:o|mac|mc)?[a-z]{2,}(?:sson|sen|son|ski|ska|sky|skaya|cki|cka|wicz|ova|ov|ev|eva|enko|chuk|yuk|idis|opoulos|akis|oglu|yan|ian|adze|shvili|vic|ic|escu|eanu|ez|iewicz|inen|czyk|czak|niak|wiak|siak|stad|strom|berg|stein|mann|hardt|kamp|veld|stra|sma|quist|gaard|elli|etti|ini|ucci|eiro|ães|wala|kar|swamy|nathan)$/;

export function isGivenName(word: string): boolean {
  return GIVEN.has(withoutMarks(word));
}

export function isFamilyName(word: string): boolean {
  const plain = withoutMarks(word).replace(/['’-]/g, "");
  return FAMILY.has(plain) || FAMILY_ENDING.test(plain);
}

/** Lower case, without accents; the letters that Unicode does not take apart by name. */
export function withoutMarks(word: string): string {
  const plain = word.toLowerCase();
  if (/^[\x20-\x7e]*$/.test(plain)) return plain;
  return plain
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[łøđðıßæœ]/g, (letter) => LETTERS.get(letter) ?? letter);
}

const LETTERS: ReadonlyMap<string, string> = new Map([
  ["ł", "l"],
  ["ø", "o"],
  ["đ", "d"],
  ["ð", "d"],
  ["ı", "i"],
  ["ß", "ss"],
  ["æ", "ae"],
  ["œ", "oe"],
]);
